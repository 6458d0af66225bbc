package restorejobs

import (
	"strings"
	"time"
)

// DownloadLink is one file that can be downloaded, in the same form for every variant.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery and hashes;
// Atlas v2 "getBackupRestoreJob", deliveryUrl and components; "getFlexRestoreJob",
// snapshotUrl.
type DownloadLink struct {
	// ReplicaSet is the shard or config server of the file; empty if unknown.
	ReplicaSet string
	// FileName is the last path segment of URL, else of the first private link; possibly empty.
	FileName string
	// URL is the link; empty if the file has private links only.
	URL Secret
	// HeaderName is the name of the header that the link needs; empty for a link that contains its
	// key.
	HeaderName string
	// HeaderValue is the secret value of that header.
	HeaderValue Secret
	// SHA1 is the checksum of the file in lower-case hexadecimal; empty if unknown. Set by classic
	// jobs, after a download.
	SHA1 string
	// Expires is the expiry of the link; zero if unknown.
	Expires time.Time
	// MaxDownloads is the permitted number of downloads; 0 if unknown. Set by classic jobs, except MMS.
	// See [UnlimitedDownloads].
	MaxDownloads int64
	// PrivateURLs are the same link through private endpoints. Set by Atlas clusters.
	PrivateURLs []PrivateDownload
}

// DownloadLinks returns the files that can be downloaded now, without regard to the clock: see
// Expires. It returns none for a job that has not finished, that restores into a cluster, that
// ended badly, and whose links were used up or have expired.
//
// A classic job has one file; a sharded cluster has a job for each shard. An Atlas job has one file
// for each component of a sharded cluster, else one for each link, usually one.
func (j *Job) DownloadLinks() []DownloadLink {
	if j.State() != StateFinished {
		return nil
	}
	return j.format().links(j)
}

// availableLinks also returns the links of a job that still runs.
func (j *Job) availableLinks() []DownloadLink { return j.format().links(j) }

// totalFiles counts files with and without links.
func (j *Job) totalFiles() int { return max(len(j.Components), len(j.availableLinks())) }

// replicaSet returns the shard, config server or replica set of the job; empty if unknown, and if
// the job has several.
func (j *Job) replicaSet() string {
	links := j.availableLinks()
	switch {
	case len(j.Components) == 1:
		return j.Components[0].ReplicaSetName
	case len(j.Components) == 0 && len(links) == 1:
		return links[0].ReplicaSet
	default:
		return ""
	}
}

// allDownloadable reports whether every file of the job can be downloaded.
func (j *Job) allDownloadable() bool { return len(j.DownloadLinks()) > 0 && j.format().hasAllLinks(j) }

// isMissingLink reports a download that the service calls finished before it has a link.
func (j *Job) isMissingLink() bool { return j.format().isMissingLink(j) }

// areLinksExpired reports whether the links of a finished job have expired.
func (j *Job) areLinksExpired(now time.Time) bool {
	expiry := j.linkExpiry()
	return j.Expired || !expiry.IsZero() && !now.Before(expiry)
}

func (j *Job) linkExpiry() time.Time { return j.format().linkExpiry(j) }

// restoresIntoCluster is the noFileReason of a restore.
const restoresIntoCluster = "restores into a cluster and has no file"

func (j *Job) noFileReason() string { return j.format().noFileReason(j) }

// missingLinks returns the names of the selected components without a link, and whether all
// components are selected.
func (j *Job) missingLinks(isSelected func(replicaSet string) bool) (names string, allSelected bool) {
	var missing []string
	allSelected = true
	for i := range j.Components {
		component := &j.Components[i]
		switch {
		case !isSelected(component.ReplicaSetName):
			allSelected = false
		case !component.hasLink():
			missing = append(missing, sanitize(component.ReplicaSetName, 100))
		}
	}
	return strings.Join(missing, ", "), allSelected
}

func newDownloadLink(url Secret, expires time.Time) DownloadLink {
	return DownloadLink{
		URL:      url,
		FileName: lastPathSegment(url.Reveal()),
		Expires:  expires,
	}
}

// lastPathSegment returns the text after the last slash of a link's path.
func lastPathSegment(link string) string {
	link, _, _ = strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	if _, after, ok := strings.Cut(link, "://"); ok {
		link = after
	}
	slash := strings.LastIndexByte(link, '/')
	if slash < 0 {
		return ""
	}
	return link[slash+1:]
}
