package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/target"
)

func TestSpansOfEveryRequest(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.Zero(t, target.Exit(t.Output(), run(t.Context(), nil, &out)))
	took := regexp.MustCompile(` +[0-9.µ]+[mn]?s\n`)
	assert.Equal(t, "  HTTP GET 401|  HTTP GET 200|  HTTP GET 200|read restore jobs|", took.ReplaceAllString(out.String(), "|"))
}

func TestOpentelemetryExits(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, target.Exit(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, target.Exit(t.Output(), run(ctx, nil, t.Output())))
}
