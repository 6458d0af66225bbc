package durable

import (
	"context"
	"strings"
	"time"

	"example.com/restorejobs"
)

// Plan describes a restore. The same plan must be given to every run of a journal: a plan for another
// source, point or destination is refused.
type Plan struct {
	// Source is the cluster, host or instance to restore from. Required.
	Source *restorejobs.Source
	// Point selects the data. Required: [NewestSnapshot], [NewestBefore] or [FixedPoint].
	Point Point
	// To is the destination. Required.
	To restorejobs.Destination

	// Directory is where the files of a download are saved. It is created if it does not exist.
	// Downloads need it or Deliver. It must be empty otherwise. The record of each file,
	// .name.download.json, stays beside it: see [restorejobs.ExistingKeep].
	Directory string
	// Deliver, if not nil, fetches the files instead of Directory, such as into a bucket with
	// [restorejobs.Jobs.Open]. It gets the state with the jobs, which can be downloaded. It is called
	// until it returns no error, also by later processes, and should continue then. An error of used
	// or expired links ends the attempt.
	Deliver func(ctx context.Context, state State) ([]restorejobs.DownloadedFile, error)
	// Subdirectory, if not nil, returns a folder below Directory for the chosen data, such as
	// choice.Time.Format(time.DateOnly). It must return the same for the same choice.
	Subdirectory func(choice Choice) string
	// Download are the options of the download. Existing is always [restorejobs.ExistingKeep], and
	// Supersedes are the jobs of earlier attempts. Progress is called in addition to OnEvent. Name must
	// differ between runs, or Subdirectory must: a run is refused before its create if a file of a name
	// exists that depends only on the ReplicaSet. For that, Name is called with a link that has a
	// ReplicaSet only, possibly an empty one.
	Download restorejobs.DownloadOptions

	// Wait are the options of the wait. OnUpdate is called in addition to OnEvent. GoalVersion is
	// set by the plan. The default of Heartbeat is a minute if OnEvent is set, that of NotFoundGrace
	// is SearchTimeout.
	Wait restorejobs.WaitOptions

	// BusyTimeout is how long a refusal that matches [restorejobs.ErrBusy] is retried, and how long
	// a target that is busy is waited for. Default an hour; negative disables it.
	BusyTimeout time.Duration
	// SearchTimeout is how long a create whose response is unknown is searched for before another
	// is sent. Default 3 minutes, as a job can take two minutes to be listed.
	SearchTimeout time.Duration
	// MaxAttempts is how many restores may be started for one choice of data, because a job
	// failed, was cancelled, or had links that expired or were used up. Default 1.
	MaxAttempts int
	// Once disables the next restore of a journal that has ended. By default a run with a newer
	// snapshot starts one. A [FixedPoint] is always restored once.
	Once bool

	// OverwriteSource permits a restore into the source itself.
	OverwriteSource bool
	// SkipTargetCheck disables [restorejobs.Source.CheckTarget].
	SkipTargetCheck bool

	// OnEvent, if not nil, is called after every step, for every update of a wait and for the
	// progress of a download. Calls never overlap. Its error ends the run, which can be resumed.
	OnEvent func(Event) error
}

const (
	defaultBusyTimeout   = time.Hour
	defaultSearchTimeout = 3 * time.Minute
	defaultHeartbeat     = time.Minute
	maxConnections       = 16 // of a download
)

// validate lists everything that is wrong with the plan.
func (p *Plan) validate() error {
	var problems []string
	if p.Source == nil {
		problems = append(problems, "Source must be set")
	}
	if p.Point == (Point{}) {
		problems = append(problems, "Point must be set: use NewestSnapshot, NewestBefore or FixedPoint")
	}
	if p.Point.kind == beforePoint && p.Point.before.IsZero() {
		problems = append(problems, "Point: the time of NewestBefore must be set")
	}
	if p.Point.kind == fixedPoint && p.Point.fixed == (restorejobs.RestorePoint{}) {
		problems = append(problems, "Point: the restore point of FixedPoint must be set")
	}
	if p.To == (restorejobs.Destination{}) {
		problems = append(problems, "To must be set")
	}
	switch {
	case p.To.IsDownload() && p.Directory == "" && p.Deliver == nil:
		problems = append(problems, "Directory must be set for a download")
	case p.Directory != "" && p.Deliver != nil:
		problems = append(problems, "Directory must be empty with Deliver")
	case !p.To.IsDownload() && p.Deliver != nil:
		problems = append(problems, "Deliver must be nil for a restore into a cluster")
	case !p.To.IsDownload() && p.Directory != "":
		problems = append(problems, "Directory must be empty for a restore into a cluster")
	}
	if p.SearchTimeout < 0 {
		problems = append(problems, "SearchTimeout must not be negative")
	}
	if p.MaxAttempts < 0 {
		problems = append(problems, "MaxAttempts must not be negative")
	}
	problems = append(problems, p.optionProblems()...)
	if len(problems) == 0 {
		return nil
	}
	return &planError{problems: problems}
}

// optionProblems lists what the wait or the download would refuse after the create.
func (p *Plan) optionProblems() []string {
	var problems []string
	if p.Wait.GoalVersion != 0 {
		problems = append(problems, "Wait.GoalVersion must be 0: the plan sets it")
	}
	switch p.Wait.Goal {
	case restorejobs.UntilFinished, restorejobs.UntilJobFinished:
	case restorejobs.UntilDownloadable:
		problems = append(problems, "Wait.Goal must not be UntilDownloadable: a run that is repeated can have used the links")
	default:
		problems = append(problems, "Wait.Goal must be UntilFinished or UntilJobFinished")
	}
	if p.Wait.MinInterval > 0 && p.Wait.MaxInterval > 0 && p.Wait.MinInterval > p.Wait.MaxInterval {
		problems = append(problems, "Wait.MinInterval must not be more than Wait.MaxInterval")
	}
	if p.Download.Concurrency < 0 {
		problems = append(problems, "Download.Concurrency must not be negative")
	}
	if p.Download.Connections < 0 || p.Download.Connections > maxConnections {
		problems = append(problems, "Download.Connections must be between 0 and 16")
	}
	return problems
}

// withDefaults returns a copy of the plan with its defaults.
func withDefaults(p Plan) Plan {
	switch {
	case p.BusyTimeout == 0:
		p.BusyTimeout = defaultBusyTimeout
	case p.BusyTimeout < 0:
		p.BusyTimeout = 0
	}
	if p.SearchTimeout == 0 {
		p.SearchTimeout = defaultSearchTimeout
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 1
	}
	if p.Wait.NotFoundGrace == 0 {
		p.Wait.NotFoundGrace = p.SearchTimeout
	}
	if p.Wait.Heartbeat == 0 && p.OnEvent != nil {
		p.Wait.Heartbeat = defaultHeartbeat
	}
	return p
}

// identity is what a journal must agree on with its plan.
func (p *Plan) identity() Identity {
	return Identity{
		Source:      p.Source.Ref(),
		Point:       p.Point.String(),
		Destination: p.To.String(),
	}
}

// planError is an invalid plan. No restore was created.
type planError struct {
	problems []string
	err      error // what it matches too, possibly nil
}

func (e *planError) Error() string {
	return "durable: invalid plan: " + strings.Join(e.problems, "; ")
}

func (e *planError) Is(target error) bool { return target == restorejobs.ErrInvalidArgument }
func (e *planError) Unwrap() error        { return e.err }
