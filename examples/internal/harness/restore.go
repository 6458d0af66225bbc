package harness

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs"
)

// ResumableLink is a link that works often enough for a download that is interrupted, where a
// create can say how often a link works.
func ResumableLink(source *restorejobs.Source) restorejobs.DownloadLinkOptions {
	if source.Supports(restorejobs.CapabilityDownloadLinkOptions) {
		return restorejobs.DownloadLinkOptions{MaxDownloads: 3}
	}
	return restorejobs.DownloadLinkOptions{}
}

// Link adds the flags for a download link.
func (f *Flags) Link() *restorejobs.DownloadLinkOptions {
	var link restorejobs.DownloadLinkOptions
	f.IntVar(&link.ExpirationHours, "hours", 0, "how long the download link works, in `hours` (default 1)")
	f.IntVar(&link.MaxDownloads, "max", 0, "how many `times` the download link works; an interrupted download needs a second\n"+
		"(default 1, and 3 on the embedded server, where its scope has such a limit)")
	return &link
}

// Into adds the flag for a cluster to restore into.
func (f *Flags) Into() *string {
	return f.String("into", "", "`PROJECT/CLUSTER` to restore into, whose data are deleted first; a download without it")
}

// Destination is what these flags say: into a cluster, or else a download.
func (e *Env) Destination(into string, link restorejobs.DownloadLinkOptions) (restorejobs.Destination, error) {
	project, cluster, found := strings.Cut(into, "/")
	switch {
	case link.ExpirationHours < 0, link.MaxDownloads < 0:
		return restorejobs.Destination{}, Usage("-hours and -max must be at least 1")
	case into == "":
		if e.Server != nil && link.MaxDownloads == 0 {
			link.MaxDownloads = ResumableLink(e.Source).MaxDownloads
		}
		return restorejobs.ToDownloadWith(link), nil
	case link != (restorejobs.DownloadLinkOptions{}):
		return restorejobs.Destination{}, Usage("-hours and -max are for downloads, and -into makes none")
	case !found, cluster == "", strings.Contains(cluster, "/"):
		return restorejobs.Destination{}, Usage("-into must be PROJECT/CLUSTER")
	}
	return restorejobs.ToCluster(project, cluster), nil
}

// FindCreatedHint tells how to find out in another process whether a create started anything, and
// only where not, to create. Since is what tells create-once when it was.
func (e *Env) FindCreatedHint(since []string, snapshot, into string, link restorejobs.DownloadLinkOptions) string {
	args := append(slices.Clone(since), "-snapshot", snapshot)
	if into != "" {
		args = append(args, "-into", into)
	}
	if link.ExpirationHours != 0 {
		args = append(args, "-hours", strconv.Itoa(link.ExpirationHours))
	}
	if link.MaxDownloads != 0 {
		args = append(args, "-max", strconv.Itoa(link.MaxDownloads))
	}
	return "a restore may have been started; " + e.ResumeCommand("create-once", args...)
}

// SinceFlag is the flag of create-once for the time before a create.
func SinceFlag(began time.Time) []string {
	return []string{"-since", began.UTC().Format(time.RFC3339)}
}

// CreateFinishedDownload makes a download on the embedded server that is ready at once, and returns the
// ids of its jobs.
func (e *Env) CreateFinishedDownload(ctx context.Context) ([]string, error) {
	to, err := e.Destination("", restorejobs.DownloadLinkOptions{})
	if err != nil {
		return nil, err
	}
	created, err := e.Source.Jobs.Create(ctx, restorejobs.FromSnapshot(e.Scope.Snapshots()[0]), to)
	e.Server.Advance(5 * time.Minute)
	return restorejobs.JobIDs(created), err
}

// LinkUsesNote tells what the limit of a job's link means for its download, "" where the job
// tells of none.
func LinkUsesNote(job *restorejobs.Job) string {
	switch limit := job.Delivery.MaxDownloads; {
	case job.Delivery.MethodName != restorejobs.DeliveryMethodHTTP, limit == 0:
		return ""
	case limit == 1:
		return "a link works once: a download that is interrupted cannot go on, unless the restore was made with -max 2 or more\n"
	default:
		return "a link works " + Plural(limit, "time") + " (-max), so that a download that is interrupted can go on\n"
	}
}

// Unproven is a warning for finished restores into a cluster by Cloud Manager or Ops Manager,
// "" for other jobs: see [restorejobs.StateFinished].
func Unproven(jobs ...*restorejobs.Job) string {
	for _, job := range jobs {
		if job.State() == restorejobs.StateFinished && job.Delivery.Automated() {
			return "this is the service's word about the job: verify that the servers of the target have the data\n"
		}
	}
	return ""
}

// ResumeDownloadCommand tells how to go on in another process with the download of a job, which
// is as it was read before, and of the jobs that follow. A link that works once was asked,
// and is not asked again without -repeat.
func (e *Env) ResumeDownloadCommand(job *restorejobs.Job, dir string, overwrite bool, ids ...string) string {
	args := []string{"-dir", dir}
	if overwrite {
		args = append(args, "-overwrite")
	}
	for _, link := range job.DownloadLinks() {
		if link.MaxDownloads == 1 {
			args = append(args, "-repeat")
			break
		}
	}
	return e.ResumeCommand("download", append(args, ids...)...)
}

// ResumeRestoreCommand tells how to go on in another process with a wait for jobs, and then with
// their download.
func (e *Env) ResumeRestoreCommand(dir string, ids ...string) string {
	return e.resumeHint(e.command("create-and-wait", ids...) + " &&\n  " +
		e.command("download", append([]string{"-dir", dir}, ids...)...))
}
