// Opentelemetry traces a call and its HTTP requests, including the one that gets a digest
// challenge, and prints the spans. It wraps the transport and needs no support in the library.
//
//	go run ./examples/opentelemetry
//	go run ./examples/opentelemetry -ref opsmanager/groups/PROJECT/clusters/CLUSTER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, harness.Args(), os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := harness.NewFlags("opentelemetry [flags]", restorejobstest.OpsManagerCluster)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	provider := trace.NewTracerProvider(trace.WithSyncer(printer{out})) // or an exporter of otlptracehttp
	defer func() { err = errors.Join(err, provider.Shutdown(context.WithoutCancel(ctx))) }()
	transport := otelhttp.NewTransport(&http.Transport{Proxy: http.ProxyFromEnvironment},
		otelhttp.WithTracerProvider(provider),
		// A span contains the URL, and the URL of a download is a secret.
		otelhttp.WithFilter(func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/api/") }))
	env, err := flags.Open(restorejobs.WithTransport(transport))
	if err != nil {
		return err
	}
	defer env.Close()

	ctx, span := provider.Tracer("example.com/restorejobs/examples").Start(ctx, "read restore jobs")
	defer span.End()
	for job, err := range env.Source.Jobs.All(ctx, restorejobs.ListOptions{}) {
		if err == nil {
			_, err = env.Source.Jobs.Get(ctx, job.ID)
		}
		if err != nil {
			span.SetStatus(codes.Error, err.Error()) // an error text contains no secret
			return err
		}
	}
	return nil
}

// printer prints spans when they end, inner spans first.
type printer struct{ out io.Writer }

func (p printer) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	for _, span := range spans {
		within := ""
		status := ""
		if span.Parent().IsValid() {
			within = "  "
		}
		for _, attribute := range span.Attributes() {
			if attribute.Key == "http.response.status_code" {
				status = " " + attribute.Value.String()
			}
		}
		took := span.EndTime().Sub(span.StartTime()).Round(100 * time.Microsecond)
		if _, err := fmt.Fprintf(p.out, "%-18s %6s\n", within+span.Name()+status, took); err != nil {
			return err
		}
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }
