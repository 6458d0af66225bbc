package devserver_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/temporal/devserver"
)

func greet(ctx workflow.Context, name string) (string, error) {
	var greeting string
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	err := workflow.ExecuteActivity(ctx, makeGreeting, name).Get(ctx, &greeting)
	return greeting, err
}

func makeGreeting(_ context.Context, name string) (string, error) { return "hello " + name, nil }

func TestStart_runsAWorkflow(t *testing.T) {
	t.Parallel()
	server, err := devserver.Start(t.Context())
	require.NoError(t, err)
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort:  server.Address(),
		Namespace: server.Namespace(),
		Logger:    log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	w := worker.New(c, "test", worker.Options{})
	w.RegisterWorkflow(greet)
	w.RegisterActivity(makeGreeting)
	require.NoError(t, w.Start())

	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "test"}, greet, "world")
	require.NoError(t, err)
	var greeting string
	require.NoError(t, run.Get(t.Context(), &greeting))
	assert.Equal(t, "hello world", greeting)

	w.Stop()
	c.Close()
	require.NoError(t, server.Stop())
	assert.NotPanics(t, func() { _ = server.Stop() }, "a second stop")
}

func TestStart_ended(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := devserver.Start(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
