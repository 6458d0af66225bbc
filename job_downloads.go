package restorejobs

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// DownloadLink is one file that can be fetched, in the same form for every variant.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery and hashes;
// Atlas v2 "getBackupRestoreJob", deliveryUrl and components; "getFlexRestoreJob",
// snapshotUrl.
type DownloadLink struct {
	// ReplicaSet is the shard or config server the file is from, "" where nothing
	// tells.
	ReplicaSet string
	// FileName is the link's last path segment, as it came; "" where it has none. It is
	// of the first private link where there is no other.
	FileName string
	// URL is the link, "" where there are private ones only.
	URL Secret
	// HeaderName and HeaderValue are the header the link needs, both "" for a link
	// that is its own key.
	HeaderName string
	// HeaderValue is the secret value of that header.
	HeaderValue Secret
	// SHA1 is the file's checksum in lower-case hexadecimal, "" where the server has
	// told none: classic jobs have it only after a download, the others never.
	SHA1 string
	// Expires is when the link ends, zero where nothing tells.
	Expires time.Time
	// MaxDownloads is how often the link may be used, 0 where nothing tells: classic jobs do,
	// but for MMS. 2147483647 stands for no limit.
	MaxDownloads int64
	// PrivateURLs are the same link through private endpoints, of those that have one. Atlas
	// clusters.
	PrivateURLs []PrivateDownload
}

// DownloadLinks lists what can be fetched now: nothing while a job runs, for a job that
// restores into a cluster, after a bad end, and once the links are used up or
// expired by the server's word. It looks at no clock: see Expires. A classic job has
// one file, and a sharded cluster one job for each; a job of a sharded Atlas cluster has a
// file for each component, other Atlas jobs one for each link, as a rule one.
func (j *Job) DownloadLinks() []DownloadLink {
	if j.State() != StateFinished {
		return nil
	}
	switch j.format() {
	case classic:
		return j.classicDownloads()
	case cloud:
		return j.cloudDownloads()
	case flex:
		if j.SnapshotURL != "" {
			return []DownloadLink{newDownload(j.SnapshotURL, j.ExpirationDate)}
		}
		return nil
	case unknownFormat:
		return nil
	default:
		return nil
	}
}

func (j *Job) classicDownloads() []DownloadLink {
	v := &j.Delivery
	if v.Automated() || (v.URL == "" && v.URLV2 == "") {
		return nil
	}
	file := newDownload(v.URL, v.Expires)
	if v.URLV2 != "" {
		file = newDownload(v.URLV2, v.Expires)
		if v.AuthHeader != "" {
			file.HeaderName, file.HeaderValue = v.AuthHeader, v.AuthValue
			if v.AuthBearer != "" {
				file.HeaderValue = Secret(v.AuthBearer) + " " + v.AuthValue
			}
		}
	}
	file.MaxDownloads = v.MaxDownloads
	file.ReplicaSet = j.replicaSetFromFileName(file.FileName)
	file.SHA1 = j.sha1For(file.FileName)
	return []DownloadLink{file}
}

// sha1For is the SHA-1 that a classic job names for a file, "" for none. The only one is the
// file's, whatever it is called; of several, the one of its name, which the link may escape.
func (j *Job) sha1For(fileName string) string {
	plain, err := url.PathUnescape(fileName)
	if err != nil {
		plain = fileName
	}
	var all, matching []string
	for _, hash := range j.Hashes {
		if !strings.EqualFold(string(hash.TypeName), string(HashTypeSHA1)) || hash.Hash == "" {
			continue
		}
		all = append(all, hash.Hash)
		if hash.FileName == fileName || hash.FileName == plain {
			matching = append(matching, hash.Hash)
		}
	}
	switch {
	case len(matching) > 0:
		return strings.ToLower(matching[0])
	case len(all) == 1:
		return strings.ToLower(all[0])
	default:
		return ""
	}
}

func (j *Job) cloudDownloads() []DownloadLink {
	if j.DeliveryType != DeliveryTypeDownload || j.Expired {
		return nil
	}
	var files []DownloadLink
	for i := range j.Components {
		component := &j.Components[i]
		if !component.hasLink() {
			continue
		}
		file := newDownload(component.DownloadURL, j.ExpiresAt)
		file.ReplicaSet, file.PrivateURLs = component.ReplicaSetName, withURL(component.PrivateDownloadDeliveryURLs)
		if component.DownloadURL == "" {
			file.FileName = lastPathSegment(file.PrivateURLs[0].DeliveryURL.Reveal())
		}
		files = append(files, file)
	}
	if len(j.Components) > 0 {
		return files
	}
	private := withURL(j.PrivateDownloadDeliveryURLs)
	for _, link := range j.DeliveryURL {
		if link == "" { // a null in the list
			continue
		}
		file := newDownload(link, j.ExpiresAt)
		file.PrivateURLs = private
		files = append(files, file)
	}
	if len(files) == 0 {
		return privateLinks(private, j.ExpiresAt)
	}
	return files
}

// privateLinks lists the files of a job without a public link. Private links of one name are
// one file, through several endpoints.
func privateLinks(links []PrivateDownload, expires time.Time) []DownloadLink {
	var files []DownloadLink
	matching := map[string]int{}
	for _, link := range links {
		name := lastPathSegment(link.DeliveryURL.Reveal())
		i, known := matching[name]
		if !known {
			i = len(files)
			matching[name], files = i, append(files, DownloadLink{FileName: name, Expires: expires})
		}
		files[i].PrivateURLs = append(files[i].PrivateURLs, link)
	}
	return files
}

// hasLink reports whether the component can be fetched, if only through a private endpoint.
func (c *ClusterComponent) hasLink() bool {
	return c.DownloadURL != "" || len(withURL(c.PrivateDownloadDeliveryURLs)) > 0
}

// withURL leaves out the endpoints that have no link, or not yet.
func withURL(private []PrivateDownload) []PrivateDownload {
	return slices.DeleteFunc(slices.Clone(private), func(p PrivateDownload) bool { return p.DeliveryURL == "" })
}

// noFileReason says why a job will never have a file to fetch, "" where it has or may have
// one: a kind that nobody knows may.
func (j *Job) noFileReason() string {
	intoCluster := false
	switch j.format() {
	case classic:
		switch method := j.Delivery.MethodName; method {
		case DeliveryMethodQuery, DeliveryMethodThirdPartyCopy, DeliveryMethodSCP, DeliveryMethodClientPITSCP:
			if len(j.DownloadLinks()) == 0 {
				return "is delivered by " + string(method) + " and has no file"
			}
		default:
			intoCluster = j.Delivery.Automated()
		}
	case cloud:
		intoCluster = j.DeliveryType == DeliveryTypeAutomated || j.DeliveryType == DeliveryTypePointInTime
	case flex:
		intoCluster = strings.EqualFold(string(j.DeliveryType), string(DeliveryTypeFlexRestore)) && j.SnapshotURL == ""
	case unknownFormat:
	}
	if intoCluster {
		return "restores into a cluster and has no file"
	}
	return ""
}

func newDownload(link Secret, expires time.Time) DownloadLink {
	return DownloadLink{URL: link, FileName: lastPathSegment(link.Reveal()), Expires: expires}
}

// lastPathSegment returns what follows the last slash of a link's path.
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

// replicaSetFromFileName reads the replica set out of a classic file's name, which is
// {replica set}-{epoch seconds}-{job id}.tar.gz, or with the project before and no
// job after it in 2014.
func (j *Job) replicaSetFromFileName(fileName string) string {
	name, _, found := strings.Cut(fileName, ".tar")
	if !found {
		return ""
	}
	name = strings.TrimSuffix(name, "-"+j.ID)
	name = strings.TrimPrefix(name, j.GroupID+"-")
	dash := strings.LastIndexByte(name, '-')
	if dash < 0 || dash == len(name)-1 || strings.Trim(name[dash+1:], "0123456789") != "" {
		return ""
	}
	return name[:dash]
}

// pointInTime is the time that the job restores to, zero where it names none.
func (j *Job) pointInTime() time.Time {
	switch {
	case j.PointInTimeUTCSeconds != 0:
		return time.Unix(j.PointInTimeUTCSeconds, 0)
	case j.OplogTS != 0:
		return time.Unix(j.OplogTS, 0)
	default:
		return j.DesiredTimestamp.Date
	}
}
