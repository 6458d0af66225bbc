package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// failureRule gives the errors that match it a failure type.
type failureRule struct {
	failure string
	matches func(err error, isCreated bool) bool
}

// failureRules decide what may be repeated: everything that matches no rule, or FailureTemporary. The
// first match counts. A restore that was created continues without us, so that a key can be
// replaced in the meantime.
var failureRules = []failureRule{
	{FailureTemporary, is(restorejobs.ErrOutcomeUnknown)}, // the next attempt searches
	{FailureState, as[*durable.StateError]},
	{FailureSeveralRestores, is(durable.ErrSeveralRestores)},
	{FailureJobs, as[*durable.FailedError]},
	{FailureTarget, as[*restorejobs.TargetError]},
	{FailureNoSnapshot, is(restorejobs.ErrNoSnapshot)},
	{FailureInvalidPlan, as[*restorejobs.LookupError]},
	{FailureTargetUnknown, is(restorejobs.ErrTargetUnknown)},
	{FailureFile, is(fs.ErrExist)},
	{FailureTemporary, afterCreate(restorejobs.ErrBaseURLRequired)}, // of this worker
	{FailureTemporary, afterCreate(restorejobs.ErrBusy)},
	{FailureInvalidPlan, is(restorejobs.ErrInvalidArgument, errors.ErrUnsupported)},
	{FailureTemporary, afterCreate(restorejobs.ErrUnauthorized, restorejobs.ErrForbidden, restorejobs.ErrIPNotAllowed)},
	{FailureRefused, isRefused},
}

// failureTypeOf returns the failure type of an error of a step.
func failureTypeOf(err error, isCreated bool) string {
	for _, rule := range failureRules {
		if rule.matches(err, isCreated) {
			return rule.failure
		}
	}
	return FailureTemporary
}

func is(targets ...error) func(error, bool) bool {
	return func(err error, _ bool) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

func afterCreate(targets ...error) func(error, bool) bool {
	return func(err error, isCreated bool) bool { return isCreated && is(targets...)(err, isCreated) }
}

func as[T error](err error, _ bool) bool {
	var target T
	return errors.As(err, &target)
}

// isRefused reports a response that another attempt would get too.
func isRefused(err error, _ bool) bool {
	var apiErr *restorejobs.Error
	return errors.As(err, &apiErr) && !apiErr.Retryable()
}

// permanentFailures are the types that Temporal must not retry.
var permanentFailures = []string{
	FailureInvalidPlan,
	FailureState,
	FailureNoSnapshot,
	FailureTarget,
	FailureBusy,
	FailureRefused,
	FailureJobs,
	FailureSeveralRestores,
	FailureTargetUnknown,
	FailureFile,
}

// newFailure returns the error of an activity. It has no cause: the texts of causes would be in the
// history too.
func newFailure(err error, isCreated bool) error {
	failure := failureTypeOf(err, isCreated)
	var delay time.Duration
	var apiErr *restorejobs.Error
	if failure == FailureTemporary && errors.As(err, &apiErr) {
		delay = apiErr.RetryAfter
	}
	return temporal.NewApplicationErrorWithOptions(redactText(err.Error()), failure, temporal.ApplicationErrorOptions{
		NonRetryable:   failure != FailureTemporary,
		NextRetryDelay: delay,
	})
}

// newPanicFailure returns the error of an activity that panicked, which is retried. The stack is in the
// log of the worker.
func newPanicFailure(ctx context.Context, value any) error {
	text := redactText(fmt.Sprintf("panic: %v", value))
	activity.GetLogger(ctx).Error(text, "stack", string(debug.Stack()))
	return newFailure(errors.New(text), false)
}

// newWorkflowError returns the error of a workflow that failed. Details are what a starter reads.
func newWorkflowError(text, failure string, details ...any) error {
	return temporal.NewApplicationErrorWithOptions(redactText(text), failure, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      details,
	})
}
