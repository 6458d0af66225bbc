package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/target"
)

func TestEveryErrorHasItsAdvice(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	errorLines := regexp.MustCompile(`(?m)^  error:  restorejobs: .*\n`)
	assert.Len(t, errorLines.FindAllString(out.String(), -1), 10)
	assert.Equal(t, `An id that is none
  advice: a mistake of the program; nothing was sent
An operation that the variant lacks
  advice: a mistake of the program; nothing was sent
A wish that cannot be
  advice: a mistake of the program; nothing was sent
A job that is not there
  advice: no such job; a job that was just made may need a moment
A cluster that is not there
  advice: no such project or cluster
A wrong key
  advice: ask for another key, role or access list entry
Too many requests
  advice: come back in 1m0s, after 1 attempt
A proxy that answers instead
  advice: try again later; it said 502
A create whose reply is lost
  advice: the restore may be running: look for it before starting another
A deadline
  advice: out of time
`, errorLines.ReplaceAllString(out.String(), ""))
}

func TestHandleErrorsExits(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-x"}, {"-ref", "mms/groups/a/clusters/b"}} {
		assert.Equal(t, 2, target.Exit(t.Output(), run(t.Context(), args, t.Output())), "%q", args)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, target.Exit(t.Output(), run(ctx, nil, t.Output())))
}
