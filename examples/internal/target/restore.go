package target

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs"
)

// Resumable is a link that works often enough for a download that is interrupted, where a
// create can say how often a link works.
func Resumable(jobs *restorejobs.Jobs) restorejobs.DownloadLink {
	ref := jobs.Ref()
	if strings.HasPrefix(ref, "opsmanager/") || strings.HasPrefix(ref, "cloudmanager/") || strings.Contains(ref, "/legacyClusters/") {
		return restorejobs.DownloadLink{MaxDownloads: 3}
	}
	return restorejobs.DownloadLink{}
}

// Link adds the flags for a download link.
func (f *Flags) Link() *restorejobs.DownloadLink {
	var link restorejobs.DownloadLink
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
func (t *Target) Destination(into string, link restorejobs.DownloadLink) (restorejobs.Destination, error) {
	project, cluster, found := strings.Cut(into, "/")
	switch {
	case link.ExpirationHours < 0, link.MaxDownloads < 0:
		return restorejobs.Destination{}, Usage("-hours and -max must be at least 1")
	case into == "":
		if t.Server != nil && link.MaxDownloads == 0 {
			link.MaxDownloads = Resumable(t.Jobs).MaxDownloads
		}
		return restorejobs.ToDownload(link), nil
	case link != (restorejobs.DownloadLink{}):
		return restorejobs.Destination{}, Usage("-hours and -max are for downloads, and -into makes none")
	case !found, cluster == "", strings.Contains(cluster, "/"):
		return restorejobs.Destination{}, Usage("-into must be PROJECT/CLUSTER")
	}
	return restorejobs.ToCluster(project, cluster), nil
}

// LookFirst tells how to find out in another process whether a create started anything, and
// only where not, to create. Since is what tells create-once when it was.
func (t *Target) LookFirst(since []string, snapshot, into string, link restorejobs.DownloadLink) string {
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
	return "a restore may have been started; " + t.Resume("create-once", args...)
}

// Since is the flag of create-once for the time before a create.
func Since(began time.Time) []string {
	return []string{"-since", began.UTC().Format(time.RFC3339)}
}

// Restored makes a download on the embedded server that is ready at once, and returns the
// ids of its jobs.
func (t *Target) Restored(ctx context.Context) ([]string, error) {
	to, err := t.Destination("", restorejobs.DownloadLink{})
	if err != nil {
		return nil, err
	}
	created, err := t.Jobs.Create(ctx, restorejobs.FromSnapshot(t.Scope.Snapshots()[0]), to)
	t.Server.Advance(5 * time.Minute)
	return restorejobs.IDs(created), err
}

// Uses tells what the limit of a job's link means for its download, "" where the job
// tells of none.
func Uses(job *restorejobs.Job) string {
	switch limit := job.Delivery.MaxDownloads; {
	case job.Delivery.MethodName != restorejobs.DeliveryMethodHTTP, limit == 0:
		return ""
	case limit == 1:
		return "a link works once: a download that is interrupted cannot go on, unless the restore was made with -max 2 or more\n"
	default:
		return "a link works " + Count(limit, "time") + " (-max), so that a download that is interrupted can go on\n"
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

// ResumeDownload tells how to go on in another process with the download of a job, which
// is as it was read before, and of the jobs that follow. A link that works once was asked,
// and is not asked again without -repeat.
func (t *Target) ResumeDownload(job *restorejobs.Job, dir string, overwrite bool, ids ...string) string {
	args := []string{"-dir", dir}
	if overwrite {
		args = append(args, "-overwrite")
	}
	for _, link := range job.Downloads() {
		if link.MaxDownloads == 1 {
			args = append(args, "-repeat")
			break
		}
	}
	return t.Resume("download", append(args, ids...)...)
}

// ResumeRestore tells how to go on in another process with a wait for jobs, and then with
// their download.
func (t *Target) ResumeRestore(dir string, ids ...string) string {
	return t.goOnWith(t.command("create-and-wait", ids...) + " &&\n  " +
		t.command("download", append([]string{"-dir", dir}, ids...)...))
}
