package restoretemporal

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs"
)

const (
	maxAttemptsLimit = 100
	maxBusyTimeout   = 7 * 24 * time.Hour
	maxSearchTimeout = time.Hour
	maxTimeout       = time.Hour // of the fields of Timeouts
	maxRetryPause    = 5 * time.Minute
	maxProblems      = 20 // in one error
)

// invalidError is a payload that is wrong. Nothing was sent.
type invalidError struct {
	what     string
	problems []string
}

func (e *invalidError) Error() string {
	return "restoretemporal: invalid " + e.what + ": " + strings.Join(e.problems, "; ")
}

func (e *invalidError) Is(target error) bool { return target == restorejobs.ErrInvalidArgument }

func newInvalidError(what string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	if more := len(problems) - maxProblems; more > 0 {
		problems = append(slices.Clone(problems[:maxProblems]), fmt.Sprintf("and %d more", more))
	}
	return &invalidError{what: what, problems: problems}
}

// Validate lists everything that is wrong with the plan and can be known without the service. The
// error matches [restorejobs.ErrInvalidArgument]. [Restore] calls it; a starter can call it earlier.
func (p *Plan) Validate() error { return newInvalidError("plan", p.problems()) }

func (p *Plan) problems() []string {
	problems := p.Source.problems("source", p.Source.Product)
	if p.To != nil {
		problems = append(problems, p.To.problems("to", p.targetProduct())...)
	}
	problems = append(problems, p.Point.problems()...)
	problems = append(problems, p.destinationProblems()...)
	if p.MaxAttempts < 0 || p.MaxAttempts > maxAttemptsLimit {
		problems = append(problems, "maxAttempts must be between 0 and 100")
	}
	if time.Duration(p.BusyTimeout) > maxBusyTimeout {
		problems = append(problems, "busyTimeout must be at most 168h")
	}
	problems = append(problems, rangeProblem("searchTimeout", p.SearchTimeout, time.Millisecond, maxSearchTimeout)...)
	return append(problems, p.Timeouts.problems()...)
}

// targetProduct is the product of a target by name.
func (p *Plan) targetProduct() string {
	if p.To.Product == "" && p.Source.Ref == "" {
		return p.Source.Product
	}
	return p.To.Product
}

// destinationProblems lists the fields that do not fit the destination.
func (p *Plan) destinationProblems() []string {
	var problems []string
	if p.MaxDownloads < 0 || p.MaxDownloads > restorejobs.UnlimitedDownloads {
		problems = append(problems, "maxDownloads must be between 0 and 2147483647")
	}
	if p.To == nil {
		if p.Directory != "" && !fs.ValidPath(p.Directory) {
			problems = append(problems, fmt.Sprintf("directory %q must be a path below the directory of the worker, such as \"orders/monday\"", p.Directory))
		}
		if p.OverwriteSource || p.SkipTargetCheck {
			problems = append(problems, "overwriteSource and skipTargetCheck must be false for a download")
		}
		return problems
	}
	if p.Directory != "" || p.MaxDownloads != 0 {
		problems = append(problems, "directory and maxDownloads must be empty for a restore into a cluster")
	}
	if p.Source.Product != "" && p.To.Product != "" && p.Source.Product != p.To.Product {
		problems = append(problems, fmt.Sprintf("to must be a cluster of the product of source, %s, not of %s", p.Source.Product, p.To.Product))
	}
	return problems
}

// problems lists the problems of a cluster. The product is that of the cluster, or its default.
func (c *Cluster) problems(name, product string) []string {
	hasNames := c.Product != "" || c.Project != "" || c.Cluster != ""
	switch {
	case c.Ref != "" && hasNames:
		return []string{name + " must have either a ref, or product, project and cluster"}
	case c.Ref != "":
		return nil
	case !hasNames:
		return []string{name + " must be set: product, project and cluster, or a ref"}
	}
	var problems []string
	switch product {
	case ProductAtlas, ProductCloudManager, ProductOpsManager:
	default:
		problems = append(problems, fmt.Sprintf("%s.product must be %s, %s or %s, not %q",
			name, ProductAtlas, ProductCloudManager, ProductOpsManager, product))
	}
	if c.Project == "" {
		problems = append(problems, name+".project must be set")
	}
	if c.Cluster == "" {
		problems = append(problems, name+".cluster must be set")
	}
	return problems
}

func (p *Point) problems() []string {
	count := 0
	for _, isSet := range []bool{!p.Before.IsZero(), p.SnapshotID != "", !p.Time.IsZero()} {
		if isSet {
			count++
		}
	}
	if count > 1 {
		return []string{"point must have at most one of before, snapshotId and time"}
	}
	return nil
}

func (t Timeouts) problems() []string {
	problems := rangeProblem("timeouts.request", t.Request, time.Second, maxTimeout)
	problems = append(problems, rangeProblem("timeouts.heartbeat", t.Heartbeat, time.Second, maxTimeout)...)
	problems = append(problems, rangeProblem("timeouts.retry", t.Retry, time.Millisecond, maxRetryPause)...)
	return append(problems, rangeProblem("timeouts.busy", t.Busy, time.Second, maxRetryPause)...)
}

// rangeProblem is the problem of a duration that is neither 0 nor between two limits.
func rangeProblem(name string, d Duration, least, most time.Duration) []string {
	value := time.Duration(d)
	if value == 0 || value >= least && value <= most {
		return nil
	}
	return []string{fmt.Sprintf("%s must be between %s and %s, not %s", name, least, most, value)}
}

// withDefaults returns the limits with their defaults.
func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Request:   defaultDuration(t.Request, 5*time.Minute),
		Heartbeat: defaultDuration(t.Heartbeat, time.Minute),
		Retry:     defaultDuration(t.Retry, 10*time.Second),
		Busy:      defaultDuration(t.Busy, 30*time.Second),
	}
}

func defaultDuration(d Duration, value time.Duration) Duration {
	if d == 0 {
		return Duration(value)
	}
	return d
}

// busyTimeout is how long a busy target is waited for, 0 if it is not.
func (p *Plan) busyTimeout() time.Duration {
	switch {
	case p.BusyTimeout < 0:
		return 0
	case p.BusyTimeout == 0:
		return time.Hour
	default:
		return time.Duration(p.BusyTimeout)
	}
}

// searchTimeout is how long a create is searched for.
func (p *Plan) searchTimeout() time.Duration {
	return time.Duration(defaultDuration(p.SearchTimeout, 3*time.Minute))
}
