package restorejobs

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Download is one file that can be fetched, in the same form for every variant.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery and hashes;
// Atlas v2 "getBackupRestoreJob", deliveryUrl and components; "getFlexRestoreJob",
// snapshotUrl.
type Download struct {
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

// Downloads lists what can be fetched now: nothing while a job runs, for a job that
// restores into a cluster, after a bad end, and once the links are used up or
// expired by the server's word. It looks at no clock: see Expires. A classic job has
// one file, and a sharded cluster one job for each; a job of a sharded Atlas cluster has a
// file for each component, other Atlas jobs one for each link, as a rule one.
func (j *Job) Downloads() []Download {
	if j.State() != StateFinished {
		return nil
	}
	switch j.generation() {
	case classic:
		return j.classicDownloads()
	case cloud:
		return j.cloudDownloads()
	case flex:
		if j.SnapshotURL != "" {
			return []Download{newDownload(j.SnapshotURL, j.ExpirationDate)}
		}
		return nil
	case noGeneration:
		return nil
	default:
		return nil
	}
}

func (j *Job) classicDownloads() []Download {
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
	file.ReplicaSet = j.replicaSetOf(file.FileName)
	file.SHA1 = j.hashOf(file.FileName)
	return []Download{file}
}

// hashOf is the SHA-1 that a classic job names for a file, "" for none. The only one is the
// file's, whatever it is called; of several, the one of its name, which the link may escape.
func (j *Job) hashOf(fileName string) string {
	plain, err := url.PathUnescape(fileName)
	if err != nil {
		plain = fileName
	}
	var all, named []string
	for _, hash := range j.Hashes {
		if !strings.EqualFold(string(hash.TypeName), string(HashTypeSHA1)) || hash.Hash == "" {
			continue
		}
		all = append(all, hash.Hash)
		if hash.FileName == fileName || hash.FileName == plain {
			named = append(named, hash.Hash)
		}
	}
	switch {
	case len(named) > 0:
		return strings.ToLower(named[0])
	case len(all) == 1:
		return strings.ToLower(all[0])
	default:
		return ""
	}
}

func (j *Job) cloudDownloads() []Download {
	if j.DeliveryType != DeliveryTypeDownload || j.Expired {
		return nil
	}
	var files []Download
	for i := range j.Components {
		part := &j.Components[i]
		if !part.hasLink() {
			continue
		}
		file := newDownload(part.DownloadURL, j.ExpiresAt)
		file.ReplicaSet, file.PrivateURLs = part.ReplicaSetName, withLink(part.PrivateDownloadDeliveryURLs)
		if part.DownloadURL == "" {
			file.FileName = lastSegment(file.PrivateURLs[0].DeliveryURL.Reveal())
		}
		files = append(files, file)
	}
	if len(j.Components) > 0 {
		return files
	}
	private := withLink(j.PrivateDownloadDeliveryURLs)
	for _, link := range j.DeliveryURL {
		if link == "" { // a null in the list
			continue
		}
		file := newDownload(link, j.ExpiresAt)
		file.PrivateURLs = private
		files = append(files, file)
	}
	if len(files) == 0 {
		return privateOnly(private, j.ExpiresAt)
	}
	return files
}

// privateOnly lists the files of a job without a public link. Private links of one name are
// one file, through several endpoints.
func privateOnly(links []PrivateDownload, expires time.Time) []Download {
	var files []Download
	named := map[string]int{}
	for _, link := range links {
		name := lastSegment(link.DeliveryURL.Reveal())
		i, known := named[name]
		if !known {
			i = len(files)
			named[name], files = i, append(files, Download{FileName: name, Expires: expires})
		}
		files[i].PrivateURLs = append(files[i].PrivateURLs, link)
	}
	return files
}

// hasLink reports whether the component can be fetched, if only through a private endpoint.
func (c *Component) hasLink() bool {
	return c.DownloadURL != "" || len(withLink(c.PrivateDownloadDeliveryURLs)) > 0
}

// withLink leaves out the endpoints that have no link, or not yet.
func withLink(private []PrivateDownload) []PrivateDownload {
	return slices.DeleteFunc(slices.Clone(private), func(p PrivateDownload) bool { return p.DeliveryURL == "" })
}

// withoutFile says why a job will never have a file to fetch, "" where it has or may have
// one: a kind that nobody knows may.
func (j *Job) withoutFile() string {
	intoCluster := false
	switch j.generation() {
	case classic:
		switch method := j.Delivery.MethodName; method {
		case DeliveryMethodQuery, DeliveryMethodThirdPartyCopy, DeliveryMethodSCP, DeliveryMethodClientPITSCP:
			if len(j.Downloads()) == 0 {
				return "is delivered by " + string(method) + " and has no file"
			}
		default:
			intoCluster = j.Delivery.Automated()
		}
	case cloud:
		intoCluster = j.DeliveryType == DeliveryTypeAutomated || j.DeliveryType == DeliveryTypePointInTime
	case flex:
		intoCluster = strings.EqualFold(string(j.DeliveryType), string(DeliveryTypeFlexRestore)) && j.SnapshotURL == ""
	case noGeneration:
	}
	if intoCluster {
		return "restores into a cluster and has no file"
	}
	return ""
}

func newDownload(link Secret, expires time.Time) Download {
	return Download{URL: link, FileName: lastSegment(link.Reveal()), Expires: expires}
}

// lastSegment returns what follows the last slash of a link's path.
func lastSegment(link string) string {
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

// replicaSetOf reads the replica set out of a classic file's name, which is
// {replica set}-{epoch seconds}-{job id}.tar.gz, or with the project before and no
// job after it in 2014.
func (j *Job) replicaSetOf(fileName string) string {
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
