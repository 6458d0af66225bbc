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

	"example.com/restorejobs/internal/fetch"
	"example.com/restorejobs/internal/redact"
)

const downloadOperation = "download restore job"

// wanted is one file to bring about.
type wanted struct {
	of      *download
	link    Download
	mark    string           // of the link, where nothing else tells its file from another, else ""
	name    string           // in the directory
	path    string           // with the directory, "" without one
	known   *fetch.KnownFile // what an earlier call has left, nil for nothing
	missing error            // why there is no link, where there is none

	verified bool // once it is here: its checksum is the job's
}

// planDownload reads the job and decides what to fetch, or says why there is nothing.
// What is known to be whole needs no link.
func (j *Jobs) planDownload(ctx context.Context, jobID string, opts DownloadOptions, find func() (fetch.Known, error)) (*download, error) {
	ctx, sent := redact.Record(ctx)
	job, err := j.Get(ctx, jobID)
	if err != nil {
		return nil, err
	}
	known, err := find()
	if err != nil {
		return nil, downloadError(jobID, err)
	}
	refused := job.refusesDownload(time.Now(), func(replicaSet string) bool {
		return onlyNeeds(opts.ReplicaSet)(replicaSet) && !known.Whole(replicaSet)
	})
	var links []Download
	if refused == nil {
		links, refused = chooseLinks(job, opts)
	}
	if refused != nil {
		refused = j.client.secretsOf(sent).Error(refused)
		if !known.All(opts.ReplicaSet) {
			return nil, refused
		}
	}
	files := nameFiles(jobID, links, known)
	files = append(files, withoutLinks(known, files, opts.ReplicaSet, refused)...)
	opts = opts.withDefaults()
	d := &download{
		jobs: j, job: job, tell: opts.Progress, turn: make(chan struct{}, 1),
		client: j.client.fetchClient(&opts), parallel: opts.Parallel, files: files,
	}
	for _, file := range files {
		file.of = d
	}
	return d, nil
}

// withoutLinks are the whole files that the job has no link for any more.
func withoutLinks(known fetch.Known, linked []*wanted, replicaSet string, refused error) []*wanted {
	var files []*wanted
	for _, key := range slices.Sorted(maps.Keys(known)) {
		file := known[key]
		if !file.Note.Whole() || replicaSet != "" && replicaSet != file.Note.ReplicaSet ||
			slices.ContainsFunc(linked, func(w *wanted) bool { return w.known == file }) ||
			refused == nil && file.Note.Link != "" { // which a link has that changed since
			continue
		}
		if refused == nil {
			refused = errLinkGone
		}
		files = append(files, &wanted{
			link: Download{ReplicaSet: file.Note.ReplicaSet, FileName: file.Note.FileName}, mark: file.Note.Link,
			name: file.Name, known: file, missing: refused,
		})
	}
	return files
}

var errLinkGone = errors.New("the part is spoilt, and the job has no link for the file any more")

func (o DownloadOptions) withDefaults() DownloadOptions {
	switch {
	case o.Parallel == 0:
		o.Parallel = defaultParallel
	case o.Parallel < 0:
		o.Parallel = 1
	}
	if o.StallTimeout == 0 {
		o.StallTimeout = defaultStallTimeout
	}
	return o
}

// refusesDownload says why a job has nothing to fetch now, nil where it has. Of a
// sharded cluster the link of every component must be there that is needed: fewer files
// would look like all of them.
func (j *Job) refusesDownload(now time.Time, needs func(replicaSet string) bool) error {
	refuse := func(why string, kinds ...error) error {
		return &notDownloadableError{jobID: j.ID, why: why, kinds: kinds}
	}
	if why := j.withoutFile(); why != "" {
		return refuse(why, errors.ErrUnsupported)
	}
	missing, all := j.missingParts(needs)
	switch state := j.State(); {
	case state == StateFailed:
		return refuse("failed", ErrJobFailed)
	case state == StateCancelled:
		return refuse("was cancelled", ErrJobCancelled)
	case j.Delivery.StatusName == DeliveryStatusMaxDownloadsExceeded:
		return refuse("its link was used as often as it may be", ErrDownloadsExhausted, ErrJobExpired)
	case state == StateExpired, j.Expired:
		return refuse("its link has expired", ErrLinkExpired, ErrJobExpired)
	case state != StateFinished && (all || missing != ""): // without those that are not needed it may be ready
		return refuse("not ready: "+j.statusText()+j.partsThere(), ErrNotReady)
	}
	if end := j.linksEnd(); !end.IsZero() && !now.Before(end) {
		return refuse("its link expired at "+end.UTC().Format(time.RFC3339), ErrLinkExpired)
	}
	if missing == "" && (len(j.Components) > 0 || len(j.Downloads()) > 0) {
		return nil
	}
	what := "no link"
	if missing != "" {
		what += " for " + missing
	}
	if j.generation() == cloud && j.DeliveryType == DeliveryTypeDownload { // every link was there before it was finished
		return refuse(what+": used up"+j.partsThere(), ErrNotReady, ErrDownloadsExhausted)
	}
	return refuse(what+": not there yet, used up or expired"+j.partsThere(), ErrNotReady)
}

// notDownloadableError says why a job has no file to fetch.
type notDownloadableError struct {
	jobID string
	why   string
	kinds []error
}

func (e *notDownloadableError) Error() string {
	return "restorejobs: " + downloadOperation + " " + clean(e.jobID, 100) + ": " + e.why
}

func (e *notDownloadableError) Is(target error) bool { return slices.Contains(e.kinds, target) }

// partsThere names the components that could be fetched, "" for none.
func (j *Job) partsThere() string {
	if len(j.Components) == 0 || len(j.linksThere()) == 0 {
		return ""
	}
	return "; there for " + replicaSets(j) + ", which DownloadOptions.ReplicaSet can name"
}

// onlyNeeds tells the components that a call is about: all, or the one that is asked for.
func onlyNeeds(replicaSet string) func(string) bool {
	return func(name string) bool { return replicaSet == "" || replicaSet == name }
}

// missingParts names the needed components without a link. All says that there is no
// component that is not needed.
func (j *Job) missingParts(needs func(replicaSet string) bool) (names string, all bool) {
	var missing []string
	all = true
	for i := range j.Components {
		part := &j.Components[i]
		switch {
		case !needs(part.ReplicaSetName):
			all = false
		case !part.hasLink():
			missing = append(missing, clean(part.ReplicaSetName, 100))
		}
	}
	return strings.Join(missing, ", "), all
}

// Refused tells a link's answer that is not the file. Where the link is gone, the job
// knows why.
func (w *wanted) Refused(ctx context.Context, response *http.Response) (again bool, err error) {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // the status counts, with or without its text
	secrets := w.secrets(ctx)
	answer := &Error{
		StatusCode: response.StatusCode, Operation: "download file", Variant: w.of.jobs.scope.variant, Method: http.MethodGet,
		RequestID: requestID(response.Header, secrets), RetryAfter: retryAfter(response.Header, time.Now()), Attempts: 1, body: secrets.Body(body),
	}
	failure := &linkError{answer: answer}
	again = retryableStatus(response.StatusCode)
	if response.StatusCode >= 400 && response.StatusCode < 500 && !again {
		if job, err := w.of.jobs.Get(ctx, w.of.job.ID); err == nil {
			failure.refused = w.secrets(ctx).Error(job.refusesDownload(time.Now(), onlyNeeds(w.link.ReplicaSet)))
		}
		if errors.Is(failure.refused, ErrNotReady) { // it was
			failure.refused = &notDownloadableError{
				jobID: w.of.job.ID, why: "its link was taken back: used as often as it may be", kinds: []error{ErrDownloadsExhausted},
			}
		}
	}
	return again, failure
}

// linkError is a link's refusal, with what the job says about it.
type linkError struct {
	answer  *Error
	refused error // nil where the job still offers the file
}

func (e *linkError) Error() string {
	text := "the link answered " + e.answer.brief()
	var why *notDownloadableError
	if errors.As(e.refused, &why) {
		text += ": " + why.why
	}
	return text
}

func (e *linkError) Unwrap() []error {
	if e.refused == nil {
		return []error{e.answer}
	}
	return []error{e.refused, e.answer}
}

// fileCount is how many files a job has, links or not.
func (j *Job) fileCount() int { return max(len(j.Components), len(j.linksThere())) }

// statusText is how the server calls the job's state.
func (j *Job) statusText() string {
	switch {
	case j.StatusName == JobStatusFinished && j.Delivery.StatusName != "":
		return "the file is " + clean(string(j.Delivery.StatusName), 50)
	case j.StatusName != "":
		return clean(string(j.StatusName), 50)
	case j.Status != "":
		return clean(string(j.Status), 50)
	}
	return string(j.State())
}

// linksEnd is when the links end, zero where nothing tells.
func (j *Job) linksEnd() time.Time {
	switch j.generation() {
	case classic:
		return j.Delivery.Expires
	case cloud:
		return j.ExpiresAt
	case flex:
		return j.ExpirationDate
	case noGeneration:
		return time.Time{}
	default:
		return time.Time{}
	}
}

// chooseLinks picks the files that were asked for, and the way to each.
func chooseLinks(job *Job, opts DownloadOptions) ([]Download, error) {
	links := job.linksThere()
	if opts.ReplicaSet != "" {
		links = slices.DeleteFunc(links, func(link Download) bool { return link.ReplicaSet != opts.ReplicaSet })
		if len(links) == 0 {
			return nil, invalid(downloadOperation, "ReplicaSet: the job has none of this name, it has "+replicaSets(job))
		}
	}
	for i := range links {
		if opts.PrivateEndpoint != "" && len(links[i].PrivateURLs) == 0 {
			return nil, &notDownloadableError{jobID: job.ID, why: "has no private links", kinds: []error{errors.ErrUnsupported}}
		}
		if err := links[i].route(opts.PrivateEndpoint, len(job.Components) == 0 && len(links) > 1); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// linksThere lists the links that are there, also of a job that still runs.
func (j *Job) linksThere() []Download {
	if j.generation() == cloud {
		return j.cloudDownloads()
	}
	return j.Downloads()
}

// replicaSets names what ReplicaSet can be.
func replicaSets(job *Job) string {
	var names []string
	for _, link := range job.linksThere() {
		names = append(names, strconv.Quote(clean(link.ReplicaSet, 100)))
	}
	return strings.Join(names, ", ")
}

// route takes the link through a private endpoint, where one is asked for. Shared says
// that the private links are those of several files, told apart by their names.
func (d *Download) route(endpoint string, shared bool) error {
	if endpoint == "" {
		if d.URL == "" {
			return invalid(downloadOperation, "PrivateEndpoint: the job has private links only, through "+d.endpoints())
		}
		return nil
	}
	var through []PrivateDownload
	for _, private := range d.PrivateURLs {
		if (endpoint == anyEndpoint || endpoint == private.EndpointID) && private.DeliveryURL != "" {
			through = append(through, private)
		}
	}
	if len(through) == 0 {
		return invalid(downloadOperation, "PrivateEndpoint: the job has no link through it, but through "+d.endpoints())
	}
	chosen := through[0]
	if shared {
		through = slices.DeleteFunc(through, func(p PrivateDownload) bool { return lastSegment(p.DeliveryURL.Reveal()) != d.FileName })
		if len(through) == 0 || slices.ContainsFunc(through[1:], func(p PrivateDownload) bool { return p.EndpointID == through[0].EndpointID }) {
			return invalid(downloadOperation, "PrivateEndpoint: nothing tells which of the job's private links is for which of its files")
		}
		chosen = through[0]
	}
	d.URL, d.FileName = chosen.DeliveryURL, lastSegment(chosen.DeliveryURL.Reveal())
	return nil
}

func (d *Download) endpoints() string {
	var ids []string
	for _, private := range d.PrivateURLs {
		ids = append(ids, clean(private.EndpointID, 100))
	}
	return strings.Join(ids, ", ")
}

// nameFiles gives every file a name of its own: that of an earlier call, else its link's,
// and where several share one, also without regard to letter case, the replica set's
// before it.
func nameFiles(jobID string, links []Download, known fetch.Known) []*wanted {
	plain := make([]string, len(links))
	uses := map[string]int{}
	for i := range links {
		plain[i] = fetch.SafeName(links[i].FileName)
		if plain[i] == "" {
			plain[i] = fetch.SafeName("restore-" + jobID)
		}
		uses[strings.ToLower(plain[i])]++
	}
	taken := map[string]bool{}
	for _, file := range known {
		taken[strings.ToLower(file.Name)] = true
	}
	files, marks, used := make([]*wanted, len(links)), linkMarks(links), map[*fetch.KnownFile]bool{}
	for i := range links {
		files[i] = &wanted{link: links[i], mark: marks[i]}
		key := fetch.Identity{FileName: links[i].FileName, ReplicaSet: links[i].ReplicaSet, Link: marks[i]}
		if file := known[key.Key()]; file != nil && !used[file] { // one link that is there twice is two files
			used[file] = true
			files[i].name, files[i].known = file.Name, file
			continue
		}
		name := plain[i]
		if uses[strings.ToLower(name)] > 1 && links[i].ReplicaSet != "" {
			name = fetch.SafeName(links[i].ReplicaSet + "-" + name)
		}
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fetch.SafeName(strconv.Itoa(n) + "-" + plain[i])
		}
		taken[strings.ToLower(name)] = true
		files[i].name = name
	}
	return files
}

// linkMarks are the marks of the links that neither a replica set nor a name tells from
// others, and "" for all that need none.
func linkMarks(links []Download) []string {
	marks, uses := make([]string, len(links)), map[string]int{}
	key := func(i int) string {
		return (&fetch.Identity{FileName: links[i].FileName, ReplicaSet: links[i].ReplicaSet}).Key()
	}
	for i := range links {
		uses[key(i)]++
	}
	for i := range links {
		if uses[key(i)] > 1 {
			marks[i] = fetch.LinkMark(links[i].URL.Reveal())
		}
	}
	return marks
}
