package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestFailureTypeOf_table(t *testing.T) {
	t.Parallel()
	status := func(code int) error { return &restorejobs.Error{StatusCode: code} }
	for _, test := range []struct {
		name    string
		err     error
		before  string
		created string
	}{
		{"outcome unknown", restorejobs.ErrOutcomeUnknown, FailureTemporary, FailureTemporary},
		{"state", &durable.StateError{}, FailureState, FailureState},
		{"several", &durable.SeveralRestoresError{}, FailureSeveralRestores, FailureSeveralRestores},
		{"failed", &durable.FailedError{}, FailureJobs, FailureJobs},
		{"target", &restorejobs.TargetError{}, FailureTarget, FailureTarget},
		{"no snapshot", restorejobs.ErrNoSnapshot, FailureNoSnapshot, FailureNoSnapshot},
		{"lookup", &restorejobs.LookupError{}, FailureInvalidPlan, FailureInvalidPlan},
		{"target unknown", restorejobs.ErrTargetUnknown, FailureTargetUnknown, FailureTargetUnknown},
		{"file", fs.ErrExist, FailureFile, FailureFile},
		{"full disk", fs.ErrPermission, FailureTemporary, FailureTemporary},
		{"base URL", baseURLError(t), FailureInvalidPlan, FailureTemporary},
		{"argument", restorejobs.ErrInvalidArgument, FailureInvalidPlan, FailureInvalidPlan},
		{"unsupported", errors.ErrUnsupported, FailureInvalidPlan, FailureInvalidPlan},
		{"400", status(http.StatusBadRequest), FailureRefused, FailureRefused},
		{"401", status(http.StatusUnauthorized), FailureRefused, FailureTemporary},
		{"403", status(http.StatusForbidden), FailureRefused, FailureTemporary},
		{"404", status(http.StatusNotFound), FailureRefused, FailureRefused},
		{"429", status(http.StatusTooManyRequests), FailureTemporary, FailureTemporary},
		{"500", status(http.StatusInternalServerError), FailureTemporary, FailureTemporary},
		{"busy", &restorejobs.Error{StatusCode: http.StatusConflict, Code: restorejobs.ErrorCodeAtlasClusterRestoreInProgress}, FailureRefused, FailureTemporary},
		{"network", errors.New("connection refused"), FailureTemporary, FailureTemporary},
		{"no directory", errNoDirectory, FailureTemporary, FailureTemporary},
		{"deadline", context.DeadlineExceeded, FailureTemporary, FailureTemporary},
	} {
		err := fmt.Errorf("step: %w", test.err)
		assert.Equal(t, test.before, failureTypeOf(err, false), test.name)
		assert.Equal(t, test.created, failureTypeOf(err, true), "%s, after the create", test.name)
	}
}

func TestNewFailure_retries(t *testing.T) {
	t.Parallel()
	var failure *temporal.ApplicationError
	busy := &restorejobs.Error{StatusCode: http.StatusServiceUnavailable, RetryAfter: time.Minute}
	require.ErrorAs(t, newFailure(busy, false), &failure)
	assert.False(t, failure.NonRetryable())
	assert.Equal(t, time.Minute, failure.NextRetryDelay())
	refused := &restorejobs.Error{StatusCode: http.StatusForbidden}
	require.ErrorAs(t, newFailure(refused, false), &failure)
	assert.True(t, failure.NonRetryable())
	require.NoError(t, errors.Unwrap(failure), "a cause would be in the history")
}

// Every type is either temporary or not retried.
func TestFailureRules_everyType(t *testing.T) {
	t.Parallel()
	for _, rule := range failureRules {
		if rule.failure != FailureTemporary {
			assert.Contains(t, permanentFailures, rule.failure)
		}
	}
	assert.NotContains(t, permanentFailures, FailureTemporary)
}

// baseURLError is the error of a worker whose client has no base URL of Ops Manager.
func baseURLError(t *testing.T) error {
	t.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"))
	require.NoError(t, err)
	_, err = client.Source(restorejobstest.OpsManagerCluster.Ref())
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	return err
}
