package restorejobs

import (
	"net/url"
	"reflect"
	"strings"
	"time"
)

// classicFormat is the format of Cloud Manager, Ops Manager, MMS and Atlas legacy clusters.
type classicFormat struct{}

// isClassic also recognizes a job whose statusName cannot be read.
func isClassic(j *Job) bool {
	return j.StatusName != "" || j.Delivery.MethodName != "" || j.unread.has(unreadStatusName)
}

func (classicFormat) state(j *Job) State {
	if j.unread.has(unreadStatusName) {
		return StateUnknown
	}
	switch j.StatusName {
	case JobStatusInProgress:
		return StateRunning
	case JobStatusBroken:
		return StateFailed
	case JobStatusKilled:
		return StateCancelled
	case JobStatusFinished:
		return finishedClassicState(j)
	default:
		return StateUnknown
	}
}

func finishedClassicState(j *Job) State {
	if j.unread.has(unreadDelivery) {
		return StateUnknown
	}
	state := j.Delivery.fileState()
	switch {
	case state == StateFailed:
		return state
	case j.Delivery.Automated(): // the other statuses describe a file, which it does not have
		return StateFinished
	case state == StateFinished && j.unread.has(unreadLinks):
		return StateUnknown
	case state == StateFinished:
		return state
	case j.unread.has(unreadTarget):
		return StateUnknown
	default:
		return state
	}
}

// fileState returns the state of the file of a FINISHED job.
func (d *Delivery) fileState() State {
	switch d.StatusName {
	case DeliveryStatusReady, "":
		return StateFinished
	case DeliveryStatusPending, DeliveryStatusNotStarted, DeliveryStatusInProgress:
		return StateRunning
	case DeliveryStatusFailed, DeliveryStatusInterrupted:
		return StateFailed
	case DeliveryStatusExpired, DeliveryStatusMaxDownloadsExceeded:
		return StateExpired
	default:
		return StateUnknown
	}
}

func (f classicFormat) links(j *Job) []DownloadLink {
	d := &j.Delivery
	if f.state(j) != StateFinished || d.Automated() || !d.hasLink() {
		return nil
	}
	link := newDownloadLink(d.URL, d.Expires)
	if d.URLV2 != "" {
		link = newDownloadLink(d.URLV2, d.Expires)
		link.HeaderName, link.HeaderValue = d.authorization()
	}
	link.MaxDownloads = d.MaxDownloads
	link.ReplicaSet = j.replicaSetFromFileName(link.FileName)
	link.SHA1 = j.sha1For(link.FileName)
	return []DownloadLink{link}
}

func (d *Delivery) hasLink() bool { return d.URL != "" || d.URLV2 != "" }

// authorization returns the header that URLV2 needs.
func (d *Delivery) authorization() (name string, value Secret) {
	switch {
	case d.AuthHeader == "":
		return "", ""
	case d.AuthBearer == "":
		return d.AuthHeader, d.AuthValue
	default:
		return d.AuthHeader, Secret(d.AuthBearer) + " " + d.AuthValue
	}
}

func (classicFormat) hasAllLinks(*Job) bool { return true } // it has one file

func (classicFormat) isMissingLink(j *Job) bool {
	d := &j.Delivery
	isFile := d.StatusName == DeliveryStatusReady ||
		d.MethodName == DeliveryMethodHTTP ||
		d.MethodName == DeliveryMethodClientPITHTTP
	return isFile && !d.Automated() && !d.hasLink()
}

func (classicFormat) missingLink(*Job) missingLink { return linkPending }

func (classicFormat) isUsedUp(j *Job) bool {
	return j.Delivery.StatusName == DeliveryStatusMaxDownloadsExceeded
}

func (classicFormat) linkExpiry(j *Job) time.Time { return j.Delivery.Expires }

func (f classicFormat) noFileReason(j *Job) string {
	switch method := j.Delivery.MethodName; method {
	case DeliveryMethodQuery, DeliveryMethodThirdPartyCopy, DeliveryMethodSCP, DeliveryMethodClientPITSCP:
		if len(f.links(j)) == 0 {
			return "is delivered by " + string(method) + " and has no file"
		}
	default:
		if j.Delivery.Automated() {
			return restoresIntoCluster
		}
	}
	return ""
}

func (classicFormat) hasChecksum() bool { return true }

// target prefers the name, which is how Atlas addresses a cluster.
func (classicFormat) target(j *Job) (projectID, cluster string) {
	if j.Delivery.TargetClusterName != "" {
		return j.Delivery.TargetGroupID, j.Delivery.TargetClusterName
	}
	return j.Delivery.TargetGroupID, j.Delivery.TargetClusterID
}

func (classicFormat) matches(j *Job, spec *restoreSpec) bool {
	return classicPointMatches(j, spec.point) && classicDestinationMatches(&j.Delivery, spec)
}

func classicPointMatches(j *Job, point RestorePoint) bool {
	switch point.kind {
	case snapshotPoint:
		return j.SnapshotID == point.id && !j.PointInTime && j.CheckpointID == ""
	case checkpointPoint:
		if j.CheckpointID == "" {
			return j.SnapshotID == "" && !j.PointInTime
		}
		return j.CheckpointID == point.id
	case timePoint:
		return mayBePointInTime(j) && !j.Timestamp.Date.After(point.time)
	case oplogPoint:
		return mayBePointInTime(j) && !j.Timestamp.isAfter(point.oplog)
	case noPoint:
		return false
	default:
		return false
	}
}

// mayBePointInTime tests the text for the member, because the schema of Atlas v2 lacks it.
func mayBePointInTime(j *Job) bool {
	hasMember := strings.Contains(j.raw, `"pointInTime"`)
	return j.CheckpointID == "" && (j.PointInTime || !hasMember)
}

func classicDestinationMatches(d *Delivery, spec *restoreSpec) bool {
	switch {
	case d.MethodName == "":
		return true // a fresh MMS job has no delivery
	case spec.to.kind == downloadDestination:
		return d.MethodName == DeliveryMethodHTTP && !d.Automated()
	default:
		target := d.TargetClusterID
		if spec.targetsByName {
			target = d.TargetClusterName
		}
		return d.Automated() && unsetOrEqual(target, spec.to.cluster) && unsetOrEqual(d.TargetGroupID, spec.to.project)
	}
}

func (classicFormat) timestampJSON(t Timestamp) reflect.Value { return reflect.ValueOf(t) }

// sha1For returns the SHA-1 of a file; empty if unknown. A single hash is the file's, whatever its
// file name. Of several, the name decides, which the link may escape.
func (j *Job) sha1For(fileName string) string {
	unescaped, err := url.PathUnescape(fileName)
	if err != nil {
		unescaped = fileName
	}
	var all []string
	for _, hash := range j.Hashes {
		if !strings.EqualFold(string(hash.TypeName), string(HashTypeSHA1)) || hash.Hash == "" {
			continue
		}
		if hash.FileName == fileName || hash.FileName == unescaped {
			return strings.ToLower(hash.Hash)
		}
		all = append(all, hash.Hash)
	}
	if len(all) == 1 {
		return strings.ToLower(all[0])
	}
	return ""
}

// replicaSetFromFileName reads {replica set}-{epoch seconds}-{job id}.tar.gz. In 2014 the project
// id came first and the job id was missing.
func (j *Job) replicaSetFromFileName(fileName string) string {
	name, _, found := strings.Cut(fileName, ".tar")
	if !found {
		return ""
	}
	name = strings.TrimSuffix(name, "-"+j.ID)
	name = strings.TrimPrefix(name, j.GroupID+"-")
	dash := strings.LastIndexByte(name, '-')
	if dash < 0 || !isDigits(name[dash+1:]) {
		return ""
	}
	return name[:dash]
}
