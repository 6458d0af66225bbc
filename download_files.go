package restorejobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

// downloadTask is one file to fetch.
type downloadTask struct {
	call        *downloadCall
	job         *Job
	link        DownloadLink
	fingerprint string                 // of the link, if only that distinguishes its file, else ""
	name        string                 // in the directory
	existing    *download.ExistingFile // of an earlier call, nil for none
	noLinkErr   error                  // why the link is missing, nil if it exists
	isStream    bool                   // written bytes cannot be removed
	isKept      bool                   // the file was in place
	abandoned   *download.Abandoned    // the part of another job under its name, nil for none
}

// downloadPlan is one job of a call.
type downloadPlan struct {
	job         *Job
	links       []DownloadLink
	existing    download.ExistingFiles
	unavailable error // why the job has no links, nil if it has links
}

// validateDownload reports every invalid argument of Download.
func (j *Jobs) validateDownload(jobIDs []string, opts DownloadOptions) error {
	problems := opts.validate()
	if len(jobIDs) == 0 {
		problems = append(problems, "jobIDs must not be empty")
	}
	firstIndex := make(map[string]int, len(jobIDs))
	for i, id := range jobIDs {
		name := fmt.Sprintf("jobIDs[%d]", i)
		if problem := api.ValidateSegment(name, id); problem != "" {
			problems = append(problems, problem)
			continue
		}
		first, isRepeated := firstIndex[id]
		if isRepeated {
			problems = append(problems, fmt.Sprintf("%s must not repeat jobIDs[%d]", name, first))
			continue
		}
		firstIndex[id] = i
		if slices.Contains(opts.Supersedes, id) {
			problems = append(problems, fmt.Sprintf("Supersedes must not contain %s", name))
		}
	}
	return mergeInvalid(j.validateIDs(downloadOperation), invalidArgument(downloadOperation, problems...))
}

// plan reads all jobs and lists the files to fetch. It returns the first reason, in the order of
// the jobs, why one of them has nothing to fetch.
func (c *downloadCall) plan(ctx context.Context) error {
	ctx, sent := redact.Record(ctx)
	plans := make([]*downloadPlan, len(c.jobIDs))
	for i, jobID := range c.jobIDs {
		existing, err := c.findExisting(jobID)
		if err != nil {
			return wrapDownloadError(jobID, err)
		}
		if existing.AllRecorded(c.opts.ReplicaSet) {
			plans[i] = &downloadPlan{job: &Job{ID: jobID}, existing: existing, unavailable: errFilesExist}
			continue
		}
		job, err := c.jobs.Get(ctx, jobID)
		if err != nil {
			return err
		}
		plans[i] = &downloadPlan{job: job, existing: existing}
	}
	for _, plan := range plans {
		if plan.unavailable != nil {
			continue
		}
		c.selectLinks(plan)
		if plan.unavailable != nil {
			plan.unavailable = c.jobs.client.secretsOf(sent).Error(plan.unavailable)
			if !plan.existing.AllComplete(c.opts.ReplicaSet) {
				return plan.unavailable
			}
		}
	}
	tasks, err := assignFiles(plans, c.opts)
	if err != nil {
		return c.jobs.client.secretsOf(sent).Error(err)
	}
	c.tasks = tasks
	for _, task := range c.tasks {
		task.call = c
	}
	return nil
}

// findExisting finds the files of earlier calls in the directory.
func (c *downloadCall) findExisting(jobID string) (download.ExistingFiles, error) {
	switch {
	case c.root == nil:
		return nil, nil
	case c.opts.Existing == ExistingKeep:
		return download.FindToKeep(c.root, jobID)
	default:
		return download.FindExisting(c.root, jobID)
	}
}

// errFilesExist is why a job was not read. No task needs a link then.
var errFilesExist = errors.New("the files of the job exist")

// selectLinks selects the links of a job. A complete file of an earlier call needs no link.
func (c *downloadCall) selectLinks(p *downloadPlan) {
	selected := c.opts.ReplicaSet
	p.unavailable = p.job.checkDownloadable(time.Now(), func(replicaSet string) bool {
		isSelected := selected == "" || selected == replicaSet
		return isSelected && !p.existing.IsComplete(replicaSet)
	})
	switch {
	case p.unavailable == nil:
		p.links, p.unavailable = selectLinks(p.job, c.opts)
	case c.opts.Existing == ExistingKeep && c.root != nil:
		c.addHashedFile(p)
	}
}

// addHashedFile adds the file of a classic job without a link, if its checksum can prove that it
// exists.
func (c *downloadCall) addHashedFile(p *downloadPlan) {
	if len(p.existing) > 0 || len(p.job.Hashes) != 1 {
		return
	}
	fileName := p.job.Hashes[0].FileName
	link := DownloadLink{
		FileName:   fileName,
		ReplicaSet: p.job.replicaSetFromFileName(fileName),
		SHA1:       p.job.sha1For(fileName),
	}
	name := c.opts.nameOf(&link)
	if name == "" {
		name = baseName(p.job.ID, &link)
	}
	isSelected := selectReplicaSet(c.opts.ReplicaSet)
	info, err := c.root.Lstat(name)
	if err != nil || link.SHA1 == "" || download.NameProblem(name) != "" || !isSelected(link.ReplicaSet) {
		return
	}
	file := &download.ExistingFile{Name: name, Recorded: true, Verified: true}
	file.Sidecar.Identity = download.Identity{JobID: p.job.ID, Files: 1, FileName: fileName, ReplicaSet: link.ReplicaSet}
	file.Sidecar.SHA1 = link.SHA1
	file.Sidecar.Size = info.Size()
	file.Sidecar.Bytes = info.Size()
	p.existing = download.ExistingFiles{file.Sidecar.Key(): file}
}

// selectReplicaSet selects the components of a call: one, or all for "".
func selectReplicaSet(replicaSet string) func(string) bool {
	return func(name string) bool { return replicaSet == "" || replicaSet == name }
}

// selectLinks lists the selected files of a job, each with the link to fetch it through.
func selectLinks(job *Job, opts DownloadOptions) ([]DownloadLink, error) {
	links := job.availableLinks()
	if opts.ReplicaSet != "" {
		links = slices.DeleteFunc(links, func(link DownloadLink) bool { return link.ReplicaSet != opts.ReplicaSet })
		if len(links) == 0 {
			return nil, invalidArgument(downloadOperation, "ReplicaSet: the job has none of this name, it has "+replicaSetNames(job))
		}
	}
	sharePrivateURLs := len(job.Components) == 0 && len(links) > 1
	for i := range links {
		if opts.PrivateEndpoint != "" && len(links[i].PrivateURLs) == 0 {
			return nil, &notDownloadableError{
				jobID:    job.ID,
				reason:   "has no private links",
				sentinel: errors.ErrUnsupported,
			}
		}
		if err := links[i].selectEndpoint(opts.PrivateEndpoint, sharePrivateURLs); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// selectEndpoint replaces the link by the one through a private endpoint, if one is selected.
// Private links that are shared by files are distinguished by their names.
func (d *DownloadLink) selectEndpoint(endpoint string, sharedByFiles bool) error {
	if endpoint == "" {
		if d.URL == "" {
			return invalidArgument(downloadOperation, "PrivateEndpoint: the job has private links only, through "+d.endpointIDs())
		}
		return nil
	}
	var candidates []PrivateDownload
	for _, private := range d.PrivateURLs {
		isSelected := endpoint == AnyPrivateEndpoint || endpoint == private.EndpointID
		if isSelected && private.DeliveryURL != "" {
			candidates = append(candidates, private)
		}
	}
	if len(candidates) == 0 {
		return invalidArgument(downloadOperation, "PrivateEndpoint: the job has no link through it, but through "+d.endpointIDs())
	}
	if sharedByFiles {
		candidates = slices.DeleteFunc(candidates, func(p PrivateDownload) bool { return lastPathSegment(p.DeliveryURL.Reveal()) != d.FileName })
		if !hasOneOfFirstEndpoint(candidates) {
			return invalidArgument(downloadOperation, "PrivateEndpoint: nothing tells which of the job's private links is for which of its files")
		}
	}
	d.URL = candidates[0].DeliveryURL
	d.FileName = lastPathSegment(d.URL.Reveal())
	return nil
}

// hasOneOfFirstEndpoint reports whether the first link is the only one through its endpoint.
func hasOneOfFirstEndpoint(links []PrivateDownload) bool {
	if len(links) == 0 {
		return false
	}
	return !slices.ContainsFunc(links[1:], func(p PrivateDownload) bool { return p.EndpointID == links[0].EndpointID })
}

func (d *DownloadLink) endpointIDs() string {
	var ids []string
	for _, private := range d.PrivateURLs {
		ids = append(ids, sanitize(private.EndpointID, 100))
	}
	return strings.Join(ids, ", ")
}

// file describes the task to the fetcher.
func (t *downloadTask) file() *download.File {
	f := &download.File{
		Identity: download.Identity{
			JobID:      t.job.ID,
			Source:     t.call.jobs.ref(),
			Files:      t.job.totalFiles(),
			FileName:   t.link.FileName,
			ReplicaSet: t.link.ReplicaSet,
			Link:       t.fingerprint,
		},
		Name:        t.name,
		NoLinkErr:   t.noLinkErr,
		Link:        download.Link{URL: &t.link.URL, HeaderName: t.link.HeaderName, HeaderValue: &t.link.HeaderValue},
		SingleUse:   t.link.MaxDownloads == 1,
		HasChecksum: t.job.format().hasChecksum(),
		Abandoned:   t.abandoned,
		Keep:        t.call.opts.Existing == ExistingKeep,
		SHA1:        t.link.SHA1,
	}
	f.SlowOnly = t.call.opts.Connections == 0
	f.Connections = cmp.Or(t.call.opts.Connections, defaultConnections)
	f.ExtraRequests = extraRequests(t.link.MaxDownloads)
	if t.call.opts.State != nil {
		f.State = &t.call.opts.State.state
	}
	if t.existing != nil {
		f.Sidecar = &t.existing.Sidecar
		f.Recorded = t.existing.Recorded
		f.Files = max(f.Files, f.Sidecar.Files)
	}
	if t.call.opts.Progress != nil {
		f.Progress = t.reportProgress
	}
	return f
}

// extraRequests is how many ranges of a link may be requested, negative for any number. A service
// may count each as a download: half of a limit is for later calls.
func extraRequests(maxDownloads int64) int64 {
	if maxDownloads <= 0 || maxDownloads >= UnlimitedDownloads {
		return -1
	}
	return (maxDownloads - 1) / 2
}

// reportProgress calls Progress for one file at a time.
func (t *downloadTask) reportProgress(p download.Progress) {
	t.call.progressSem <- struct{}{}
	defer func() { <-t.call.progressSem }()
	t.call.opts.Progress(DownloadProgress{
		JobID:      t.job.ID,
		File:       t.name,
		ReplicaSet: t.link.ReplicaSet,
		Bytes:      p.Bytes,
		Total:      p.Total,
		Resumed:    p.Resumed,
		Done:       p.Done,
	})
}

func (t *downloadTask) downloadedFile(result *download.Result, verified bool) *DownloadedFile {
	return &DownloadedFile{
		JobID:      t.job.ID,
		Size:       result.Size,
		SHA1:       result.SHA1,
		Verified:   verified,
		ReplicaSet: t.link.ReplicaSet,
	}
}

// assignFiles lists the files of all jobs, each with a unique name in the directory.
func assignFiles(plans []*downloadPlan, opts DownloadOptions) ([]*downloadTask, error) {
	namer := newFileNamer(plans, opts)
	var tasks []*downloadTask
	for _, plan := range plans {
		linked := namer.assign(plan)
		tasks = append(tasks, linked...)
		tasks = append(tasks, plan.existingWithoutLink(linked, opts.ReplicaSet)...)
	}
	return tasks, invalidArgument(downloadOperation, namer.problems...)
}

// existingWithoutLink lists the complete files whose links the job no longer has.
func (p *downloadPlan) existingWithoutLink(linked []*downloadTask, replicaSet string) []*downloadTask {
	if len(p.existing) == 0 {
		return nil
	}
	noLinkErr := p.unavailable
	if noLinkErr == nil {
		noLinkErr = errDamagedPartNoLink
	}
	isSelected := selectReplicaSet(replicaSet)
	var tasks []*downloadTask
	for _, key := range slices.Sorted(maps.Keys(p.existing)) {
		file := p.existing[key]
		hasLink := slices.ContainsFunc(linked, func(task *downloadTask) bool { return task.existing == file })
		hasChangedLink := p.unavailable == nil && file.Sidecar.Link != ""
		if !file.Sidecar.IsComplete() || !isSelected(file.Sidecar.ReplicaSet) || hasLink || hasChangedLink {
			continue
		}
		tasks = append(tasks, &downloadTask{
			job:         p.job,
			link:        DownloadLink{ReplicaSet: file.Sidecar.ReplicaSet, FileName: file.Sidecar.FileName},
			fingerprint: file.Sidecar.Link,
			name:        file.Name,
			existing:    file,
			noLinkErr:   noLinkErr,
		})
	}
	return tasks
}

var errDamagedPartNoLink = errors.New("the part file is damaged, and the job no longer has a link for it")
