package durable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

func TestErrors_nameWhatToDoSomethingAbout(t *testing.T) {
	t.Parallel()
	several := &durable.SeveralRestoresError{Creates: [][]*restorejobs.Job{{{ID: "a"}, {ID: "b"}}, {{ID: "c"}}}}
	require.EqualError(t, several, "durable: 2 restores match the create, and which one is of this plan is unknown: a b, c")
	require.ErrorIs(t, several, durable.ErrSeveralRestores)

	failed := &durable.FailedError{Attempts: 2, JobIDs: []string{"a"}, Failure: "broken"}
	require.EqualError(t, failed, "durable: the restore failed in attempt 2, jobs a: broken")
	require.NoError(t, failed.Unwrap())

	step := &durable.StepError{Step: durable.StepWait, Err: failed}
	require.EqualError(t, step, "durable: wait: "+failed.Error())
	var unwrapped *durable.FailedError
	require.ErrorAs(t, step, &unwrapped)
	assert.Same(t, failed, unwrapped)
}
