package restorejobs

import (
	"errors"
	"fmt"
	"reflect"

	"example.com/restorejobs/internal/jsonpass"
	"example.com/restorejobs/internal/plainjson"
)

// How a job gets the text that its strings are parts of.

// newJob reads one job. It copies raw once; the strings of the job are parts of
// that copy. A value that is no object gives a job with nothing but its raw text,
// so that one odd entry does not cost the page.
func newJob(raw []byte) (*Job, error) {
	job, _, err := scanJob(raw)
	return job, err
}

// scanJob is newJob that reports members which a job does not have and a wrapper or an
// error does.
func scanJob(raw []byte) (job *Job, odd bool, err error) {
	job = &Job{raw: string(raw)}
	d := jsonpass.Shared(raw, job.raw)
	odd = job.decode(&d)
	if err := d.End(); err != nil {
		return nil, odd, err
	}
	return job, odd, nil
}

// UnmarshalJSON reads a job in any variant's form. An odd field is left at its
// zero value; the error is not nil only where data are not a JSON object. It does
// not keep data.
func (j *Job) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	d := jsonpass.New(data)
	if d.Kind() != jsonpass.Object {
		if err := jsonpass.Valid(data); err != nil {
			return fmt.Errorf("restorejobs: a job: %w", err)
		}
		return errors.New("restorejobs: a job: not a JSON object")
	}
	job, err := newJob(data)
	if err != nil {
		return fmt.Errorf("restorejobs: a job: %w", err)
	}
	*j = *job
	return nil
}

// MarshalJSON gives the JSON value that the job was read from. A job built by hand
// gives its fields that are not zero under the API's own names. Links and other
// secrets are written out: this is how a job is stored.
func (j Job) MarshalJSON() ([]byte, error) {
	if j.raw != "" {
		return []byte(j.raw), nil
	}
	timestamp := reflect.ValueOf(j.Timestamp)
	if j.generation() == cloud { // where timestamp is a plain string
		timestamp = reflect.ValueOf(j.Timestamp.Date)
	}
	return plainjson.Marshal(reflect.ValueOf(j), map[string]reflect.Value{"timestamp": timestamp})
}

// A field of the model is one line in its struct and one line here;
// TestEveryFieldIsDecoded fails when the second was forgotten.

func (j *Job) decode(d *jsonpass.Decoder) (odd bool) {
	if !d.Object() {
		return false
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsonpass.Text(d, &j.ID)
		case "snapshotId":
			jsonpass.Text(d, &j.SnapshotID)
		case "links":
			j.Links = decodeLinks(d)
		case "timestamp":
			_ = j.Timestamp.decode(d) // an unknown form stays in the raw text
		case "statusName":
			j.unread.note(unreadStatusName, jsonpass.Text(d, &j.StatusName))
		case "groupId":
			jsonpass.Text(d, &j.GroupID)
		case "clusterId":
			jsonpass.Text(d, &j.ClusterID)
		case "clusterName":
			jsonpass.Text(d, &j.ClusterName)
		case "hostId":
			jsonpass.Text(d, &j.HostID)
		case "batchId":
			jsonpass.Text(d, &j.BatchID)
		case "checkpointId":
			jsonpass.Text(d, &j.CheckpointID)
		case "created":
			d.Time(&j.Created)
		case "pointInTime":
			d.Bool(&j.PointInTime)
		case "encryptionEnabled":
			d.Bool(&j.EncryptionEnabled)
		case "masterKeyUUID":
			jsonpass.Text(d, &j.MasterKeyUUID)
		case "deploymentJobId":
			jsonpass.Text(d, &j.DeploymentJobID)
		case "hashes":
			j.Hashes = decodeHashes(d)
		case "delivery":
			j.unread |= j.Delivery.decode(d)
		case "deliveryType":
			j.unread.note(unreadDeliveryType, jsonpass.Text(d, &j.DeliveryType))
		case "deliveryUrl":
			list, ok := decodeSecrets(d)
			j.DeliveryURL = list
			j.unread.note(unreadLinks, ok)
		case "components":
			list, ok := decodeComponents(d)
			j.Components = list
			j.unread.note(unreadLinks, ok)
		case "privateDownloadDeliveryUrls":
			list, ok := decodePrivateDownloads(d)
			j.PrivateDownloadDeliveryURLs = list
			j.unread.note(unreadPrivateLinks, ok)
		case "cancelled":
			j.unread.note(unreadCancelled, d.Bool(&j.Cancelled))
		case "failed":
			j.unread.note(unreadFailed, d.Bool(&j.Failed))
		case "expired":
			j.unread.note(unreadExpired, d.Bool(&j.Expired))
		case "createdAt":
			d.Time(&j.CreatedAt)
		case "finishedAt":
			j.unread.note(unreadFinishedAt, d.Time(&j.FinishedAt))
		case "expiresAt":
			j.unread.note(unreadExpiresAt, d.Time(&j.ExpiresAt))
		case "desiredTimestamp":
			_ = j.DesiredTimestamp.decode(d)
		case "oplogTs":
			jsonpass.Int(d, &j.OplogTS)
		case "oplogInc":
			jsonpass.Int(d, &j.OplogInc)
		case "pointInTimeUTCSeconds":
			jsonpass.Int(d, &j.PointInTimeUTCSeconds)
		case "targetClusterName":
			jsonpass.Text(d, &j.TargetClusterName)
		case "targetGroupId":
			jsonpass.Text(d, &j.TargetGroupID)
		case "targetDeploymentItemName":
			jsonpass.Text(d, &j.TargetDeploymentItemName)
		case "sourceClusterName":
			jsonpass.Text(d, &j.SourceClusterName)
		case "status":
			odd = odd || d.Kind() == jsonpass.Number
			j.unread.note(unreadStatus, jsonpass.Text(d, &j.Status))
		case "projectId":
			jsonpass.Text(d, &j.ProjectID)
		case "instanceName":
			jsonpass.Text(d, &j.InstanceName)
		case "targetProjectId":
			jsonpass.Text(d, &j.TargetProjectID)
		case "restoreScheduledDate":
			d.Time(&j.RestoreScheduledDate)
		case "restoreFinishedDate":
			d.Time(&j.RestoreFinishedDate)
		case "snapshotFinishedDate":
			d.Time(&j.SnapshotFinishedDate)
		case "expirationDate":
			d.Time(&j.ExpirationDate)
		case "snapshotUrl":
			jsonpass.Text(d, &j.SnapshotURL)
		case "content", "envelope", "results", "error", "errorCode":
			odd = true
			d.Skip()
		default:
			d.Skip()
		}
	}
	return odd
}

func (v *Delivery) decode(d *jsonpass.Decoder) (unread unreadMembers) {
	isNull := d.Kind() == jsonpass.Null
	if !d.Object() {
		unread.note(unreadDelivery, isNull)
		return unread
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "methodName":
			unread.note(unreadTarget, jsonpass.Text(d, &v.MethodName))
		case "statusName":
			unread.note(unreadDelivery, jsonpass.Text(d, &v.StatusName))
		case "url":
			jsonpass.Text(d, &v.URL)
		case "urlV2":
			jsonpass.Text(d, &v.URLV2)
		case "authHeader":
			jsonpass.Text(d, &v.AuthHeader)
		case "authBearer":
			jsonpass.Text(d, &v.AuthBearer)
		case "authValue":
			jsonpass.Text(d, &v.AuthValue)
		case "expires":
			d.Time(&v.Expires)
		case "expirationHours":
			jsonpass.Int(d, &v.ExpirationHours)
		case "maxDownloads":
			jsonpass.Int(d, &v.MaxDownloads)
		case "targetGroupId":
			jsonpass.Text(d, &v.TargetGroupID)
		case "targetClusterId":
			unread.note(unreadTarget, jsonpass.Text(d, &v.TargetClusterID))
		case "targetClusterName":
			unread.note(unreadTarget, jsonpass.Text(d, &v.TargetClusterName))
		default:
			d.Skip()
		}
	}
	return unread
}

func (h *Hash) decode(d *jsonpass.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "typeName":
			jsonpass.Text(d, &h.TypeName)
		case "fileName":
			jsonpass.Text(d, &h.FileName)
		case "hash":
			jsonpass.Text(d, &h.Hash)
		case "links":
			h.Links = decodeLinks(d)
		default:
			d.Skip()
		}
	}
}

func (l *Link) decode(d *jsonpass.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "rel":
			jsonpass.Text(d, &l.Rel)
		case "href":
			jsonpass.Text(d, &l.Href)
		default:
			d.Skip()
		}
	}
}

// decode reports whether the component's link could be read.
func (c *Component) decode(d *jsonpass.Decoder) bool {
	isNull := d.Kind() == jsonpass.Null
	if !d.Object() {
		return isNull
	}
	public, private := true, true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "replicaSetName":
			jsonpass.Text(d, &c.ReplicaSetName)
		case "downloadUrl":
			public = decodeLink(d, &c.DownloadURL)
		case "privateDownloadDeliveryUrls":
			c.PrivateDownloadDeliveryURLs, private = decodePrivateDownloads(d)
		default:
			d.Skip()
		}
	}
	return public && (private || c.DownloadURL != "")
}

// decode reports whether the link could be read.
func (p *PrivateDownload) decode(d *jsonpass.Decoder) bool {
	isNull := d.Kind() == jsonpass.Null
	if !d.Object() {
		return isNull
	}
	isRead := true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "deliveryUrl":
			isRead = decodeLink(d, &p.DeliveryURL)
		case "endpointId":
			jsonpass.Text(d, &p.EndpointID)
		default:
			d.Skip()
		}
	}
	return isRead
}
