// Package devserver starts a Temporal server in this process, for demonstrations and tests. It keeps
// everything in memory, and ends with the process. It listens on loopback only.
package devserver

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/temporaltest"
)

// maxStart is how long a start may take. It takes about a second.
const maxStart = 60 * time.Second

// Server is a running Temporal server.
type Server struct {
	server *temporaltest.TestServer
}

// Start starts a server and returns when it answers requests. It ends with an error after a minute, or
// when ctx ends. A server that was started in vain ends with the process.
func Start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, maxStart)
	defer cancel()
	type outcome struct {
		server *Server
		err    error
	}
	started := make(chan outcome, 1)
	go func() {
		server, err := start(ctx)
		started <- outcome{server, err}
	}()
	select {
	case o := <-started:
		return o.server, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("devserver: start: %w", ctx.Err())
	}
}

func start(ctx context.Context) (*Server, error) {
	var s Server
	if err := recovered("start", func() { s.server = temporaltest.NewServer() }); err != nil {
		return nil, err
	}
	if err := s.probe(ctx); err != nil {
		_ = s.Stop() // the error of the start says more
		return nil, fmt.Errorf("devserver: start: %w", err)
	}
	return &s, nil
}

// probe returns when the server answers requests about its namespace.
func (s *Server) probe(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{
		HostPort:  s.Address(),
		Namespace: s.Namespace(),
		Logger:    sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace()})
	return err
}

// Address is the host and port of the server, for HostPort of a client's options.
func (s *Server) Address() string { return s.server.GetFrontendHostPort() }

// Namespace is the only namespace of the server. Its name is random.
func (s *Server) Namespace() string { return s.server.GetDefaultNamespace() }

// Stop stops the server. Close clients and stop workers first.
func (s *Server) Stop() error {
	return recovered("stop", s.server.Stop)
}

// recovered calls f and returns its panic as an error: temporaltest panics without a test.
func recovered(name string, f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("devserver: %s: %v", name, r)
		}
	}()
	f()
	return nil
}
