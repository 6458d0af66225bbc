package harness

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs"
)

// ResumableLink returns options for a link that an interrupted download can use again, or the zero
// value if the source does not support such options.
func ResumableLink(source *restorejobs.Source) restorejobs.DownloadLinkOptions {
	if source.Supports(restorejobs.CapabilityDownloadLinkOptions) {
		return restorejobs.DownloadLinkOptions{MaxDownloads: 3}
	}
	return restorejobs.DownloadLinkOptions{}
}

// Link adds the flags of a download link.
func (f *Flags) Link() *restorejobs.DownloadLinkOptions {
	var link restorejobs.DownloadLinkOptions
	f.IntVar(&link.ExpirationHours, "hours", 0, "how long the download link works, in `hours` (default 1)")
	f.IntVar(&link.MaxDownloads, "max", 0, "how many `times` the download link works; an interrupted download needs a second\n"+
		"(default 1, and 3 on the embedded server, where its scope has such a limit)")
	return &link
}

// Into adds the flag of the target cluster.
func (f *Flags) Into() *string {
	return f.String("into", "", "`PROJECT/CLUSTER` to restore into, whose data are deleted first; a download without it")
}

// Destination returns the destination of these flags: a cluster, or else a download.
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

// FindCreatedHint returns a hint with the command that searches for the jobs of a create, and creates
// only if there are none. The flags in since are the time of the create.
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

// SinceFlag returns the flag of create-once for the time before a create.
func SinceFlag(began time.Time) []string {
	return []string{"-since", began.UTC().Format(time.RFC3339)}
}

// CreateFinishedDownload creates a restore on the embedded server, advances its clock until the
// download is ready, and returns the IDs of the jobs.
func (e *Env) CreateFinishedDownload(ctx context.Context) ([]string, error) {
	to, err := e.Destination("", restorejobs.DownloadLinkOptions{})
	if err != nil {
		return nil, err
	}
	created, err := e.Source.Jobs.Create(ctx, restorejobs.FromSnapshot(e.Scope.Snapshots()[0]), to)
	e.Server.Advance(5 * time.Minute)
	return restorejobs.JobIDs(created), err
}

// FastForward lets the clock of the embedded server run fast while its agents carry out a restore,
// which takes minutes. A real deployment is not changed.
func (e *Env) FastForward(opts restorejobs.WaitOptions) restorejobs.WaitOptions {
	if e.Server == nil {
		return opts
	}
	opts.Heartbeat = 10 * time.Millisecond
	opts.MinInterval = -1
	onUpdate := opts.OnUpdate
	opts.OnUpdate = func(u restorejobs.WaitUpdate) error {
		if u.Target != nil && !u.Target.Reached {
			e.Server.Advance(10 * time.Second)
		}
		if u.Heartbeat {
			return nil
		}
		return onUpdate(u)
	}
	return opts
}

// LinkUsesNote returns what the limit of a job's link means for its download, empty without a limit.
func LinkUsesNote(job *restorejobs.Job) string {
	switch limit := job.Delivery.MaxDownloads; {
	case job.Delivery.MethodName != restorejobs.DeliveryMethodHTTP, limit == 0:
		return ""
	case limit == 1:
		return "a link works once: an interrupted download cannot be resumed, unless the restore was created with -max 2 or more\n"
	default:
		return "a link works " + Plural(limit, "time") + " (-max), so an interrupted download can be resumed\n"
	}
}

// ResumeDownloadCommand returns a hint with the command that continues the download of jobs in
// another process, without those whose files are complete. The jobs are as they were before the
// download. A link for one download needs -repeat.
func (e *Env) ResumeDownloadCommand(jobs []*restorejobs.Job, files []restorejobs.DownloadedFile, dir string, overwrite bool) string {
	var rest []*restorejobs.Job
	for _, job := range jobs {
		count := filesOf(job, files)
		if count >= max(1, len(job.Components)) {
			continue
		}
		overwrite = overwrite || count > 0
		rest = append(rest, job)
	}
	args := []string{"-dir", dir}
	if overwrite {
		args = append(args, "-overwrite")
	}
	if slices.ContainsFunc(rest, hasSingleUseLink) {
		args = append(args, "-repeat")
	}
	return e.ResumeCommand("download", append(args, restorejobs.JobIDs(rest)...)...)
}

func filesOf(job *restorejobs.Job, files []restorejobs.DownloadedFile) int {
	count := 0
	for _, file := range files {
		if file.JobID == job.ID {
			count++
		}
	}
	return count
}

func hasSingleUseLink(job *restorejobs.Job) bool {
	isSingleUse := func(link restorejobs.DownloadLink) bool { return link.MaxDownloads == 1 }
	return slices.ContainsFunc(job.DownloadLinks(), isSingleUse)
}

// ResumeRestoreCommand returns a hint with the commands that wait for jobs and download their files.
func (e *Env) ResumeRestoreCommand(dir string, ids ...string) string {
	return e.resumeHint(e.command("create-and-wait", ids...) + " &&\n  " +
		e.command("download", append([]string{"-dir", dir}, ids...)...))
}
