package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_spans(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.Zero(t, harness.ExitCode(t.Output(), run(t.Context(), nil, &out)))
	took := regexp.MustCompile(` +[0-9.µ]+[mn]?s\n`)
	assert.Equal(t, "  HTTP GET 401|  HTTP GET 200|  HTTP GET 200|read restore jobs|", took.ReplaceAllString(out.String(), "|"))
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
