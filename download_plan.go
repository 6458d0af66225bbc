package restorejobs

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const downloadOperation = "download restore job"

// wanted is one file to bring about.
type wanted struct {
	link    Download
	name    string     // in the directory
	known   *knownFile // what an earlier call has left, nil for nothing
	missing error      // why there is no link, where there is none
}

// planDownload reads the job and decides what to fetch, or says why there is nothing.
// What is known to be whole needs no link.
func (j *Jobs) planDownload(ctx context.Context, jobID string, opts DownloadOptions, find func() (knownFiles, error)) (*download, error) {
	job, err := j.Get(ctx, jobID)
	if err != nil {
		return nil, err
	}
	known, err := find()
	if err != nil {
		return nil, downloadError(jobID, err)
	}
	refused := job.refusesDownload(time.Now(), func(replicaSet string) bool {
		return onlyNeeds(opts.ReplicaSet)(replicaSet) && !known.whole(replicaSet)
	})
	var links []Download
	if refused == nil {
		links, refused = chooseLinks(job, opts)
	}
	if refused != nil && !known.all(opts.ReplicaSet) {
		return nil, refused
	}
	files := nameFiles(jobID, links, known)
	return &download{
		jobs: j, job: job, opts: opts.withDefaults(), gate: newProgressGate(opts.Progress),
		files: append(files, known.withoutLinks(files, opts.ReplicaSet, refused)...),
	}, nil
}

// withoutLinks are the whole files that the job has no link for any more.
func (k knownFiles) withoutLinks(linked []*wanted, replicaSet string, refused error) []*wanted {
	var files []*wanted
	for _, key := range slices.Sorted(maps.Keys(k)) {
		file := k[key]
		if !file.note.whole() || replicaSet != "" && replicaSet != file.note.ReplicaSet ||
			slices.ContainsFunc(linked, func(w *wanted) bool { return w.known == file }) {
			continue
		}
		if refused == nil {
			refused = errLinkGone
		}
		files = append(files, &wanted{
			link: Download{ReplicaSet: file.note.ReplicaSet, FileName: file.note.FileName}, name: file.name, known: file, missing: refused,
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
	if !j.offersFile() {
		return refuse("restores into a cluster and has no file", errors.ErrUnsupported)
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
	if missing != "" {
		return refuse("no link for "+missing+": not there yet, used up or expired"+j.partsThere(), ErrNotReady)
	}
	if len(j.Components) == 0 && len(j.Downloads()) == 0 {
		return refuse("no link: not there yet, used up or expired", ErrNotReady)
	}
	return nil
}

// partsThere names the components that could be fetched, "" for none.
func (j *Job) partsThere() string {
	if len(j.Components) == 0 || len(j.downloads()) == 0 {
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
		case part.DownloadURL == "" && len(part.PrivateDownloadDeliveryURLs) == 0:
			missing = append(missing, clean(part.ReplicaSetName, 100))
		}
	}
	return strings.Join(missing, ", "), all
}

// fileCount is how many files a job has, links or not.
func (j *Job) fileCount() int { return max(len(j.Components), len(j.downloads())) }

// offersFile reports whether a job is for a file at all, be it there or not.
func (j *Job) offersFile() bool {
	switch j.generation() {
	case cloud:
		return j.DeliveryType == DeliveryTypeDownload || j.DeliveryType == "" // a bad end does not tell
	case flex:
		return j.DeliveryType != DeliveryTypeFlexRestore || j.SnapshotURL != ""
	case classic, noGeneration:
		return !j.Delivery.Automated()
	default:
		return false
	}
}

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
	links := job.downloads()
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

// downloads lists the links that are there, also of a job that still runs.
func (j *Job) downloads() []Download {
	if j.generation() == cloud {
		return j.cloudDownloads()
	}
	return j.Downloads()
}

// replicaSets names what ReplicaSet can be.
func replicaSets(job *Job) string {
	var names []string
	for _, link := range job.downloads() {
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
		same := slices.IndexFunc(through, func(p PrivateDownload) bool { return lastSegment(p.DeliveryURL.Reveal()) == d.FileName })
		if same < 0 {
			return invalid(downloadOperation, "PrivateEndpoint: nothing tells which of the job's private links is for which of its files")
		}
		chosen = through[same]
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

// maxFileName leaves room for the suffixes of the part file in the 255 bytes that file
// systems allow.
const maxFileName = 200

// nameFiles gives every file a name of its own: that of an earlier call, else its link's,
// and where several share one, also without regard to letter case, the replica set's
// before it.
func nameFiles(jobID string, links []Download, known knownFiles) []*wanted {
	plain := make([]string, len(links))
	uses := map[string]int{}
	for i := range links {
		plain[i] = fileName(links[i].FileName)
		if plain[i] == "" {
			plain[i] = fileName("restore-" + jobID)
		}
		uses[strings.ToLower(plain[i])]++
	}
	taken := map[string]bool{}
	for _, file := range known {
		taken[strings.ToLower(file.name)] = true
	}
	files, used := make([]*wanted, len(links)), map[*knownFile]bool{}
	for i := range links {
		file := known[fileKey(links[i].ReplicaSet, links[i].FileName)]
		if file != nil && !used[file] { // two links that nothing tells apart are two files
			used[file] = true
			files[i] = &wanted{link: links[i], name: file.name, known: file}
			continue
		}
		name := plain[i]
		if uses[strings.ToLower(name)] > 1 && links[i].ReplicaSet != "" {
			name = fileName(links[i].ReplicaSet + "-" + name)
		}
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fileName(strconv.Itoa(n) + "-" + plain[i])
		}
		taken[strings.ToLower(name)] = true
		files[i] = &wanted{link: links[i], name: name}
	}
	return files
}

// fileName makes a name that is safe to create in a directory on any system out of a
// link's last segment: "" where nothing is left of it.
func fileName(segment string) string {
	name := segment
	if plain, err := url.PathUnescape(segment); err == nil {
		name = plain
	}
	name = strings.Map(safeRune, name) // bytes that are no UTF-8 count as U+FFFD
	name = strings.Trim(name, " ")
	name = strings.TrimRight(name, ". ")
	if rest, hidden := strings.CutPrefix(name, "."); hidden {
		name = "_" + rest
	}
	name = shorten(name, maxFileName)
	if strings.Trim(name, "_") == "" {
		return ""
	}
	before, after := "", ""
	lower := strings.ToLower(name)
	if reservedOnWindows(lower) {
		before = "_"
	}
	if strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".part.json") {
		after = "_" // another file's part must not have this name
	}
	return before + shorten(name, maxFileName-len(before)-len(after)) + after
}

// safeRune replaces what separates paths, what Windows forbids, and what cannot be seen.
func safeRune(r rune) rune {
	if strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' {
		return '_'
	}
	return r
}

// shorten keeps the beginning and the extension of a name that is over the limit, and
// leaves room for what fileName may add.
func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	limit = maxFileName - 2
	tail := name[len(name)-16:]
	if dot := strings.IndexByte(tail, '.'); dot >= 0 {
		tail = tail[dot:]
	} else {
		tail = ""
	}
	head := name[:limit-len(tail)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return strings.TrimRight(head, ". ") + tail
}

// reservedOnWindows reports names that stand for devices there, with any extension.
func reservedOnWindows(lower string) bool {
	base, _, _ := strings.Cut(lower, ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	port, ok := strings.CutPrefix(base, "com")
	if !ok {
		port, ok = strings.CutPrefix(base, "lpt")
	}
	r, size := utf8.DecodeRuneInString(port)
	return ok && size == len(port) && (r >= '0' && r <= '9' || r == '¹' || r == '²' || r == '³')
}
