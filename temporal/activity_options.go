package restoretemporal

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

const (
	maxShortAttempts  = 20                  // with the pauses between them about an hour
	maxCreateAttempts = 10                  // each can send several creates
	maxLongStep       = 30 * 24 * time.Hour // then a wait or a download is repeated
)

// stepActivity is the activity of a step.
type stepActivity struct {
	activity string
	options  func(plan *Plan) workflow.ActivityOptions
}

var stepActivities = map[durable.Step]stepActivity{
	durable.StepChoose:   {ChooseActivity, (*Plan).shortOptions},
	durable.StepFailed:   {ChooseActivity, (*Plan).shortOptions},
	durable.StepDone:     {ChooseActivity, (*Plan).shortOptions},
	durable.StepCheck:    {CheckActivity, (*Plan).shortOptions},
	durable.StepPrepare:  {PrepareActivity, (*Plan).shortOptions},
	durable.StepCreate:   {CreateActivity, (*Plan).createOptions},
	durable.StepWait:     {WaitActivity, (*Plan).waitOptions},
	durable.StepDownload: {DownloadActivity, (*Plan).downloadOptions},
}

// retryPolicy repeats what is temporary. Zero attempts mean any number.
func (p *Plan) retryPolicy(attempts int32) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:        time.Duration(p.Timeouts.withDefaults().Retry),
		BackoffCoefficient:     2,
		MaximumInterval:        maxRetryPause,
		MaximumAttempts:        attempts,
		NonRetryableErrorTypes: permanentFailures,
	}
}

// shortOptions are those of a few requests before the create.
func (p *Plan) shortOptions() workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: time.Duration(p.Timeouts.withDefaults().Request),
		RetryPolicy:         p.retryPolicy(maxShortAttempts),
	}
}

// createOptions have no heartbeat timeout: a heartbeat that is lost would begin a second attempt while
// the first one sends. A cancelled workflow waits for the end, so that it knows the job.
func (p *Plan) createOptions() workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: p.searchTimeout() + time.Duration(p.Timeouts.withDefaults().Request),
		WaitForCancellation: true,
		RetryPolicy:         p.retryPolicy(maxCreateAttempts),
	}
}

// waitOptions are those of a wait, which ends with its job.
func (p *Plan) waitOptions() workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: maxLongStep,
		HeartbeatTimeout:    time.Duration(p.Timeouts.withDefaults().Heartbeat),
		RetryPolicy:         p.retryPolicy(0),
	}
}

// downloadOptions wait for the end of a cancelled download, so that another one can have its files.
func (p *Plan) downloadOptions() workflow.ActivityOptions {
	options := p.waitOptions()
	options.WaitForCancellation = true
	return options
}
