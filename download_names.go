package restorejobs

import (
	"strconv"
	"strings"

	"example.com/restorejobs/internal/download"
)

// fileNamer gives every file of a call a unique name. Names that differ only in letter case are equal.
type fileNamer struct {
	opts           DownloadOptions
	baseNameCounts map[string]int
	usedNames      map[string]bool
	problems       []string // names of the caller that cannot be used
}

func newFileNamer(plans []*downloadPlan, opts DownloadOptions) *fileNamer {
	n := &fileNamer{
		opts:           opts,
		baseNameCounts: map[string]int{},
		usedNames:      map[string]bool{},
	}
	for _, plan := range plans {
		for _, file := range plan.existing {
			n.usedNames[strings.ToLower(file.Name)] = true
		}
		for i := range plan.links {
			n.baseNameCounts[strings.ToLower(baseName(plan.job.ID, &plan.links[i]))]++
		}
	}
	return n
}

// baseName is the default name of a file, if no other file has it.
func baseName(jobID string, link *DownloadLink) string {
	if name := download.SafeName(link.FileName); name != "" {
		return name
	}
	return download.SafeName("restore-" + jobID)
}

// assign makes the tasks of a job. A file of an earlier call keeps its name.
func (n *fileNamer) assign(plan *downloadPlan) []*downloadTask {
	tasks := make([]*downloadTask, len(plan.links))
	fingerprints := linkFingerprints(plan.links)
	matched := map[*download.ExistingFile]bool{}
	for i := range plan.links {
		task := &downloadTask{job: plan.job, link: plan.links[i], fingerprint: fingerprints[i]}
		tasks[i] = task
		identity := download.Identity{
			FileName:   task.link.FileName,
			ReplicaSet: task.link.ReplicaSet,
			Link:       task.fingerprint,
		}
		existing := plan.existing[identity.Key()]
		if existing == nil || matched[existing] { // a link that the job lists twice is two files
			task.name = n.newName(plan.job.ID, &task.link)
			continue
		}
		matched[existing] = true
		task.existing = existing
		task.name = existing.Name
	}
	return tasks
}

// nameOf returns the caller's name of a file, "" for the default name.
func (d DownloadOptions) nameOf(link *DownloadLink) string {
	if d.Name == nil {
		return ""
	}
	return d.Name(*link)
}

// newName returns the caller's name of a file, or else its default name.
func (n *fileNamer) newName(jobID string, link *DownloadLink) string {
	name := n.opts.nameOf(link)
	if name == "" {
		return n.defaultName(jobID, link)
	}
	problem := download.NameProblem(name)
	if problem == "" && n.usedNames[strings.ToLower(name)] {
		problem = "must not be returned for two files"
	}
	if problem != "" {
		n.problems = append(n.problems, "Name: "+strconv.Quote(sanitize(name, download.MaxName))+" "+problem)
	}
	n.usedNames[strings.ToLower(name)] = true
	return name
}

// defaultName returns the base name of a file. If several files share it, the replica set precedes
// it, or else a number.
func (n *fileNamer) defaultName(jobID string, link *DownloadLink) string {
	base := baseName(jobID, link)
	name := base
	if n.baseNameCounts[strings.ToLower(base)] > 1 && link.ReplicaSet != "" {
		name = download.SafeName(link.ReplicaSet + "-" + base)
	}
	for number := 2; n.usedNames[strings.ToLower(name)]; number++ {
		name = download.SafeName(strconv.Itoa(number) + "-" + base)
	}
	n.usedNames[strings.ToLower(name)] = true
	return name
}

// linkFingerprints returns the fingerprints of the links that share a replica set and a name, and
// "" for all others.
func linkFingerprints(links []DownloadLink) []string {
	key := func(i int) string {
		return (&download.Identity{FileName: links[i].FileName, ReplicaSet: links[i].ReplicaSet}).Key()
	}
	fingerprints := make([]string, len(links))
	if len(links) < 2 {
		return fingerprints
	}
	keyCounts := map[string]int{}
	for i := range links {
		keyCounts[key(i)]++
	}
	for i := range links {
		if keyCounts[key(i)] > 1 {
			fingerprints[i] = download.LinkFingerprint(links[i].URL.Reveal())
		}
	}
	return fingerprints
}
