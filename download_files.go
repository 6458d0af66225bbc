package restorejobs

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

const downloadOperation = "download restore job"

// downloadTask is one file to bring about.
type downloadTask struct {
	call        *downloadCall
	link        DownloadLink
	fingerprint string                 // of the link, where nothing else tells its file from another, else ""
	name        string                 // in the directory
	path        string                 // with the directory, "" without one
	existing    *download.ExistingFile // what an earlier call has left, nil for nothing
	noLinkErr   error                  // why there is no link, where there is none

	verified bool // once it is here: its checksum is the job's
}

// planDownload reads the job and decides what to fetch, or says why there is nothing.
// What is known to be whole needs no link.
func (j *Jobs) planDownload(ctx context.Context, jobID string, opts DownloadOptions, findExisting func() (download.ExistingFiles, error)) (*downloadCall, error) {
	ctx, sent := redact.Record(ctx)
	job, err := j.Get(ctx, jobID)
	if err != nil {
		return nil, err
	}
	existing, err := findExisting()
	if err != nil {
		return nil, wrapDownloadError(jobID, err)
	}
	unavailable := job.checkDownloadable(time.Now(), func(replicaSet string) bool {
		return selectReplicaSet(opts.ReplicaSet)(replicaSet) && !existing.IsComplete(replicaSet)
	})
	var links []DownloadLink
	if unavailable == nil {
		links, unavailable = selectLinks(job, opts)
	}
	if unavailable != nil {
		unavailable = j.client.secretsOf(sent).Error(unavailable)
		if !existing.AllComplete(opts.ReplicaSet) {
			return nil, unavailable
		}
	}
	files := assignFileNames(jobID, links, existing)
	files = append(files, existingWithoutLink(existing, files, opts.ReplicaSet, unavailable)...)
	opts = opts.withDefaults()
	d := &downloadCall{
		jobs: j, job: job, onProgress: opts.Progress, progressSem: make(chan struct{}, 1),
		client: j.client.newFetcher(&opts), concurrency: opts.Concurrency, files: files,
	}
	for _, file := range files {
		file.call = d
	}
	return d, nil
}

// existingWithoutLink are the whole files that the job has no link for any more.
func existingWithoutLink(existing download.ExistingFiles, tasks []*downloadTask, replicaSet string, unavailable error) []*downloadTask {
	var files []*downloadTask
	for _, key := range slices.Sorted(maps.Keys(existing)) {
		file := existing[key]
		if !file.Sidecar.IsComplete() || replicaSet != "" && replicaSet != file.Sidecar.ReplicaSet ||
			slices.ContainsFunc(tasks, func(w *downloadTask) bool { return w.existing == file }) ||
			unavailable == nil && file.Sidecar.Link != "" { // which a link has that changed since
			continue
		}
		if unavailable == nil {
			unavailable = errDamagedPartNoLink
		}
		files = append(files, &downloadTask{
			link: DownloadLink{ReplicaSet: file.Sidecar.ReplicaSet, FileName: file.Sidecar.FileName}, fingerprint: file.Sidecar.Link,
			name: file.Name, existing: file, noLinkErr: unavailable,
		})
	}
	return files
}

var errDamagedPartNoLink = errors.New("the part is spoilt, and the job has no link for the file any more")

func (d DownloadOptions) withDefaults() DownloadOptions {
	switch {
	case d.Concurrency == 0:
		d.Concurrency = defaultParallel
	case d.Concurrency < 0:
		d.Concurrency = 1
	}
	if d.StallTimeout == 0 {
		d.StallTimeout = defaultStallTimeout
	}
	return d
}

// checkDownloadable says why a job has nothing to fetch now, nil where it has. Of a
// sharded cluster the link of every component must be there that is needed: fewer files
// would look like all of them.
func (j *Job) checkDownloadable(now time.Time, isSelected func(replicaSet string) bool) error {
	refuse := func(reason string, sentinels ...error) error {
		return &notDownloadableError{jobID: j.ID, reason: reason, sentinels: sentinels}
	}
	if reason := j.noFileReason(); reason != "" {
		return refuse(reason, errors.ErrUnsupported)
	}
	missing, allSelected := j.missingLinks(isSelected)
	switch state := j.State(); {
	case state == StateFailed:
		return refuse("failed", ErrJobFailed)
	case state == StateCancelled:
		return refuse("was cancelled", ErrJobCancelled)
	case j.format().isUsedUp(j):
		return refuse("its link was used as often as it may be", ErrDownloadsExhausted, ErrJobExpired)
	case state == StateExpired, j.Expired:
		return refuse("its link has expired", ErrLinkExpired, ErrJobExpired)
	case state != StateFinished && (allSelected || missing != ""): // without those that are not needed it may be ready
		return refuse("not ready: "+j.statusDescription()+j.availablePartsHint(), ErrDownloadNotReady)
	}
	if end := j.linkExpiry(); !end.IsZero() && !now.Before(end) {
		return refuse("its link expired at "+end.UTC().Format(time.RFC3339), ErrLinkExpired)
	}
	if missing == "" && (len(j.Components) > 0 || len(j.DownloadLinks()) > 0) {
		return nil
	}
	what := "no link"
	if missing != "" {
		what += " for " + missing
	}
	if j.format().missingLink(j) == linkUsed {
		return refuse(what+": used up"+j.availablePartsHint(), ErrDownloadNotReady, ErrDownloadsExhausted)
	}
	return refuse(what+": not there yet, used up or expired"+j.availablePartsHint(), ErrDownloadNotReady)
}

// notDownloadableError says why a job has no file to fetch.
type notDownloadableError struct {
	jobID     string
	reason    string
	sentinels []error
}

func (e *notDownloadableError) Error() string {
	return "restorejobs: " + downloadOperation + " " + sanitize(e.jobID, 100) + ": " + e.reason
}

func (e *notDownloadableError) Is(target error) bool { return slices.Contains(e.sentinels, target) }

// availablePartsHint names the components that could be fetched, "" for none.
func (j *Job) availablePartsHint() string {
	if len(j.Components) == 0 || len(j.availableLinks()) == 0 {
		return ""
	}
	return "; there for " + replicaSetNames(j) + ", which DownloadOptions.ReplicaSet can name"
}

// selectReplicaSet tells the components that a call is about: all, or the one that is asked for.
func selectReplicaSet(replicaSet string) func(string) bool {
	return func(name string) bool { return replicaSet == "" || replicaSet == name }
}

// ExplainRefusal tells a link's answer that is not the file. Where the link is gone, the job
// knows why.
func (d *downloadTask) ExplainRefusal(ctx context.Context, httpResp *http.Response) (retryable bool, err error) {
	body, _ := io.ReadAll(io.LimitReader(httpResp.Body, 64<<10)) // the status counts, with or without its text
	secrets := d.secrets(ctx)
	resp := &Error{
		StatusCode: httpResp.StatusCode, Operation: "download file", Variant: d.call.jobs.scope.variant, Method: http.MethodGet,
		RequestID: requestID(httpResp.Header, secrets), RetryAfter: api.RetryAfter(httpResp.Header, time.Now()), Attempts: 1, body: secrets.Body(body),
	}
	failure := &linkError{resp: resp}
	retryable = resp.Retryable()
	if httpResp.StatusCode >= 400 && httpResp.StatusCode < 500 && !retryable {
		if job, err := d.call.jobs.Get(ctx, d.call.job.ID); err == nil {
			failure.jobErr = d.secrets(ctx).Error(job.checkDownloadable(time.Now(), selectReplicaSet(d.link.ReplicaSet)))
		}
		if errors.Is(failure.jobErr, ErrDownloadNotReady) { // it was
			failure.jobErr = &notDownloadableError{
				jobID: d.call.job.ID, reason: "its link was taken back: used as often as it may be", sentinels: []error{ErrDownloadsExhausted},
			}
		}
	}
	return retryable, failure
}

// linkError is a link's refusal, with what the job says about it.
type linkError struct {
	resp   *Error
	jobErr error // nil where the job still offers the file
}

func (e *linkError) Error() string {
	text := "the link answered " + e.resp.message()
	var notDownloadable *notDownloadableError
	if errors.As(e.jobErr, &notDownloadable) {
		text += ": " + notDownloadable.reason
	}
	return text
}

func (e *linkError) Unwrap() []error {
	if e.jobErr == nil {
		return []error{e.resp}
	}
	return []error{e.jobErr, e.resp}
}

// statusDescription is how the server calls the job's state.
func (j *Job) statusDescription() string {
	switch {
	case j.StatusName == JobStatusFinished && j.Delivery.StatusName != "":
		return "the file is " + sanitize(string(j.Delivery.StatusName), 50)
	case j.StatusName != "":
		return sanitize(string(j.StatusName), 50)
	case j.Status != "":
		return sanitize(string(j.Status), 50)
	}
	return string(j.State())
}

// selectLinks picks the files that were asked for, and the way to each.
func selectLinks(job *Job, opts DownloadOptions) ([]DownloadLink, error) {
	links := job.availableLinks()
	if opts.ReplicaSet != "" {
		links = slices.DeleteFunc(links, func(link DownloadLink) bool { return link.ReplicaSet != opts.ReplicaSet })
		if len(links) == 0 {
			return nil, invalidArgument(downloadOperation, "ReplicaSet: the job has none of this name, it has "+replicaSetNames(job))
		}
	}
	for i := range links {
		if opts.PrivateEndpoint != "" && len(links[i].PrivateURLs) == 0 {
			return nil, &notDownloadableError{jobID: job.ID, reason: "has no private links", sentinels: []error{errors.ErrUnsupported}}
		}
		if err := links[i].selectEndpoint(opts.PrivateEndpoint, len(job.Components) == 0 && len(links) > 1); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// replicaSetNames names what ReplicaSet can be.
func replicaSetNames(job *Job) string {
	var names []string
	for _, link := range job.availableLinks() {
		names = append(names, strconv.Quote(sanitize(link.ReplicaSet, 100)))
	}
	return strings.Join(names, ", ")
}

// selectEndpoint takes the link through a private endpoint, where one is asked for. Shared says
// that the private links are those of several files, told apart by their names.
func (d *DownloadLink) selectEndpoint(endpoint string, sharedByFiles bool) error {
	if endpoint == "" {
		if d.URL == "" {
			return invalidArgument(downloadOperation, "PrivateEndpoint: the job has private links only, through "+d.endpointIDs())
		}
		return nil
	}
	var candidates []PrivateDownload
	for _, private := range d.PrivateURLs {
		if (endpoint == AnyPrivateEndpoint || endpoint == private.EndpointID) && private.DeliveryURL != "" {
			candidates = append(candidates, private)
		}
	}
	if len(candidates) == 0 {
		return invalidArgument(downloadOperation, "PrivateEndpoint: the job has no link through it, but through "+d.endpointIDs())
	}
	chosen := candidates[0]
	if sharedByFiles {
		candidates = slices.DeleteFunc(candidates, func(p PrivateDownload) bool { return lastPathSegment(p.DeliveryURL.Reveal()) != d.FileName })
		if len(candidates) == 0 || slices.ContainsFunc(candidates[1:], func(p PrivateDownload) bool { return p.EndpointID == candidates[0].EndpointID }) {
			return invalidArgument(downloadOperation, "PrivateEndpoint: nothing tells which of the job's private links is for which of its files")
		}
		chosen = candidates[0]
	}
	d.URL, d.FileName = chosen.DeliveryURL, lastPathSegment(chosen.DeliveryURL.Reveal())
	return nil
}

func (d *DownloadLink) endpointIDs() string {
	var ids []string
	for _, private := range d.PrivateURLs {
		ids = append(ids, sanitize(private.EndpointID, 100))
	}
	return strings.Join(ids, ", ")
}

// assignFileNames gives every file a name of its own: that of an earlier call, else its link's,
// and where several share one, also without regard to letter case, the replica set's
// before it.
func assignFileNames(jobID string, links []DownloadLink, existing download.ExistingFiles) []*downloadTask {
	baseNames := make([]string, len(links))
	nameCounts := map[string]int{}
	for i := range links {
		baseNames[i] = download.SafeName(links[i].FileName)
		if baseNames[i] == "" {
			baseNames[i] = download.SafeName("restore-" + jobID)
		}
		nameCounts[strings.ToLower(baseNames[i])]++
	}
	usedNames := map[string]bool{}
	for _, file := range existing {
		usedNames[strings.ToLower(file.Name)] = true
	}
	files, fingerprints, matched := make([]*downloadTask, len(links)), linkFingerprints(links), map[*download.ExistingFile]bool{}
	for i := range links {
		files[i] = &downloadTask{link: links[i], fingerprint: fingerprints[i]}
		key := download.Identity{FileName: links[i].FileName, ReplicaSet: links[i].ReplicaSet, Link: fingerprints[i]}
		if file := existing[key.Key()]; file != nil && !matched[file] { // one link that is there twice is two files
			matched[file] = true
			files[i].name, files[i].existing = file.Name, file
			continue
		}
		name := baseNames[i]
		if nameCounts[strings.ToLower(name)] > 1 && links[i].ReplicaSet != "" {
			name = download.SafeName(links[i].ReplicaSet + "-" + name)
		}
		for n := 2; usedNames[strings.ToLower(name)]; n++ {
			name = download.SafeName(strconv.Itoa(n) + "-" + baseNames[i])
		}
		usedNames[strings.ToLower(name)] = true
		files[i].name = name
	}
	return files
}

// linkFingerprints are the marks of the links that neither a replica set nor a name tells from
// others, and "" for all that need none.
func linkFingerprints(links []DownloadLink) []string {
	fingerprints, nameCounts := make([]string, len(links)), map[string]int{}
	key := func(i int) string {
		return (&download.Identity{FileName: links[i].FileName, ReplicaSet: links[i].ReplicaSet}).Key()
	}
	for i := range links {
		nameCounts[key(i)]++
	}
	for i := range links {
		if nameCounts[key(i)] > 1 {
			fingerprints[i] = download.LinkFingerprint(links[i].URL.Reveal())
		}
	}
	return fingerprints
}
