package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/restorejobs"
)

type callCost struct {
	Callers     int     `json:"callers"`
	Protocol    string  `json:"protocol"`
	Rate        float64 `json:"callsPerSecond"`
	Median      float64 `json:"medianSeconds"`
	Worst       float64 `json:"percentile99Seconds"`
	Requests    float64 `json:"requestsPerCall"`
	FirstSecond float64 `json:"requestsPerCallFirstSecond"`
	Connections int64   `json:"connections"`
}

const (
	http1 = "HTTP/1.1"
	http2 = "HTTP/2"
)

func growCallers(ctx context.Context, numbers []int, progress io.Writer) ([]callCost, error) {
	var costs []callCost
	for _, callers := range numbers {
		for _, protocol := range []string{http1, http2} {
			fmt.Fprintf(progress, "%s callers, %s\n", thousands(callers), protocol)
			cost, err := callLoad{
				callers:  callers,
				protocol: protocol,
				latency:  5 * time.Millisecond,
				first:    time.Second,
				whole:    2 * time.Second,
			}.measure(ctx)
			if err != nil {
				return nil, err
			}
			costs = append(costs, cost)
		}
	}
	return costs, nil
}

// certificate makes the two sides of TLS for a server on loopback.
func certificate() (srv, client *tls.Config) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// callLoad is a number of callers that share one client.
type callLoad struct {
	callers  int
	protocol string
	latency  time.Duration // of the server
	first    time.Duration // whose calls are also counted separately
	whole    time.Duration // in which calls begin
}

func (l callLoad) measure(ctx context.Context) (callCost, error) {
	serverTLS, clientTLS := certificate()
	srv := &server{
		body:    mixed,
		latency: l.latency,
		secure:  serverTLS,
		http2:   l.protocol == http2,
	}
	if err := srv.start(); err != nil {
		return callCost{}, err
	}
	defer srv.stop()
	c, err := restorejobs.NewClient(restorejobs.APIKey(user, password),
		restorejobs.WithBaseURL(srv.base), restorejobs.WithTLSConfig(clientTLS))
	if err != nil {
		return callCost{}, err
	}
	defer c.CloseIdleConnections()
	api := &ours{jobs: c.OpsManager.Cluster(projectID, clusterID).Jobs}
	taken := make([][]time.Duration, l.callers)
	problems := make([]error, l.callers)
	var firstCalls, firstRequests atomic.Int64
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { firstRequests.Add(1) },
	})
	var group sync.WaitGroup
	start := time.Now()
	for i := range l.callers {
		group.Go(func() {
			for problems[i] == nil && time.Since(start) < l.whole {
				begin := time.Now()
				callCtx := ctx
				if begin.Sub(start) < l.first {
					firstCalls.Add(1)
					callCtx = traced
				}
				_, problems[i] = api.get(callCtx, jobID(0))
				taken[i] = append(taken[i], time.Since(begin))
			}
		})
	}
	group.Wait()
	took := time.Since(start)
	all := slices.Sorted(slices.Values(slices.Concat(taken...)))
	const percentile = 99
	return callCost{
		Callers:     l.callers,
		Protocol:    l.protocol,
		Rate:        float64(len(all)) / took.Seconds(),
		Median:      all[len(all)/2].Seconds(),
		Worst:       all[len(all)*percentile/100].Seconds(),
		Requests:    float64(srv.requests.Load()) / float64(len(all)),
		FirstSecond: float64(firstRequests.Load()) / float64(max(firstCalls.Load(), 1)),
		Connections: srv.connections.Load(),
	}, errors.Join(problems...)
}

func callRows(costs []callCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.Callers), c.Protocol, thousands(int(c.Rate)), seconds.text(c.Median), seconds.text(c.Worst),
			count.text(c.Requests), count.text(c.FirstSecond), thousands(int(c.Connections)),
		})
	}
	return rows
}
