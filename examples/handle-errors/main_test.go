package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

var errorLines = regexp.MustCompile(`(?m)^  error:  restorejobs: .*\n`)

func TestRun_everyErrorHasAdvice(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			require.NoError(t, run(t.Context(), []string{"-scope", scope.String()}, &out))
			assert.Len(t, errorLines.FindAllString(out.String(), -1), 11)
			assert.Equal(t, harmlessAdvice+provokedAdvice, errorLines.ReplaceAllString(out.String(), ""))
		})
	}
}

// A real deployment gets only requests that change nothing.
func TestRun_realDeployment(t *testing.T) {
	server := restorejobstest.NewServer()
	defer server.Close()
	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MONGODB_ATLAS_PRIVATE_API_KEY", restorejobstest.PrivateKey)
	t.Setenv("MONGODB_ATLAS_OPS_MANAGER_URL", server.URL())
	for _, name := range []string{"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"} {
		t.Setenv(name, "")
	}
	for _, scope := range restorejobstest.Scopes() {
		var out strings.Builder
		require.NoError(t, run(t.Context(), []string{"-ref", scope.Ref()}, &out))
		assert.Equal(t, harmlessAdvice+"The other errors need the embedded server: run it without -ref.\n",
			errorLines.ReplaceAllString(out.String(), ""))
	}
	for _, request := range server.Requests() {
		if request.Method != http.MethodGet {
			assert.True(t, strings.HasSuffix(request.Path, "/000000000000000000000000") || strings.HasSuffix(request.Path, "/restorableTimeRanges"), request.Path)
		}
	}
	assert.Zero(t, server.CreateCount())
}

const harmlessAdvice = `An invalid ID
  advice: a mistake in the program; no request was sent
An operation that the variant lacks
  advice: a mistake in the program; no request was sent
An invalid option
  advice: a mistake in the program; no request was sent
A job that does not exist
  advice: no such job; a new job may not be visible yet
A cluster that does not exist
  advice: no such project or cluster
A wrong key
  advice: get another key, role or access list entry
`

const provokedAdvice = `Too many requests
  advice: try again in 1m0s, after 1 attempt
A response of a proxy
  advice: try again later; the status was 502
A create with a lost response
  advice: the restore may be running: search for it before starting another
A cluster that is being restored
  advice: nothing was started: wait as the hint says, then make the same call again
A deadline
  advice: out of time
`

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-x"}, {"-ref", "mms/groups/a/clusters/b"}} {
		assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())), "%q", args)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
