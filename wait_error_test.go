package restorejobs_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// waitError requires a *WaitError and returns it.
func waitError(t *testing.T, err error) *restorejobs.WaitError {
	t.Helper()
	var e *restorejobs.WaitError
	require.ErrorAs(t, err, &e)
	return e
}

// An error of a wait may be logged: it has no link and no key.
func TestWaitError_redacted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(`{"id":"a","statusName":"BROKEN","delivery":{"methodName":"HTTP","url":"https://d.example.net/KEY/a.tar.gz","authValue":"KEY"}}`))
		_, err := s.manager(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.Error(t, err)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			assert.NotContains(t, fmt.Sprintf(verb, err), "KEY", verb)
			assert.NotContains(t, fmt.Sprintf(verb, *waitError(t, err)), "KEY", verb)
		}
	})
}

// The last of many names are counted.
func TestWaitError_longText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 12), body: running}
		stop := restorejobs.WaitOptions{OnUpdate: func(restorejobs.WaitUpdate) error { return assert.AnError }}
		_, err := newScriptedAPI(l.handle).manager(t).Wait(t.Context(), l.ids, stop)
		require.ErrorIs(t, err, assert.AnError)
		require.ErrorContains(t, err, l.ids[9]+" and 2 more (1 poll in 0s)")
	})
}
