package restorejobs

import (
	"errors"
	"fmt"
	"reflect"

	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/jsonenc"
)

// How a job gets the text that its strings are parts of.

// parseJob reads one job. It copies raw once; the strings of the job are parts of
// that copy. A value that is no object gives a job with nothing but its raw text,
// so that one odd entry does not cost the page.
func parseJob(raw []byte) (*Job, error) {
	job, _, err := parseJobChecked(raw)
	return job, err
}

// parseJobChecked is parseJob that reports members which a job does not have and a wrapper or an
// error does.
func parseJobChecked(raw []byte) (job *Job, looksWrapped bool, err error) {
	job = &Job{raw: string(raw)}
	d := jsondec.NewShared(raw, job.raw)
	looksWrapped = job.decode(&d)
	if err := d.End(); err != nil {
		return nil, looksWrapped, err
	}
	return job, looksWrapped, nil
}

// UnmarshalJSON reads a job in any variant's form. An odd field is left at its
// zero value; the error is not nil only where data are not a JSON object. It does
// not keep data.
func (j *Job) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	d := jsondec.New(data)
	if d.Kind() != jsondec.Object {
		if err := jsondec.Valid(data); err != nil {
			return fmt.Errorf("restorejobs: a job: %w", err)
		}
		return errors.New("restorejobs: a job: not a JSON object")
	}
	job, err := parseJob(data)
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
	if j.format() == cloud { // where timestamp is a plain string
		timestamp = reflect.ValueOf(j.Timestamp.Date)
	}
	return jsonenc.Marshal(reflect.ValueOf(j), map[string]reflect.Value{"timestamp": timestamp})
}

// A field of the model is one line in its struct and one line here;
// TestJobDecode_everyField fails when the second was forgotten.

func (j *Job) decode(d *jsondec.Decoder) (looksWrapped bool) {
	if !d.Object() {
		return false
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.Text(d, &j.ID)
		case "snapshotId":
			jsondec.Text(d, &j.SnapshotID)
		case "links":
			j.Links = decodeLinks(d)
		case "timestamp":
			_ = j.Timestamp.decode(d) // an unknown form stays in the raw text
		case "statusName":
			j.unread.record(unreadStatusName, jsondec.Text(d, &j.StatusName))
		case "groupId":
			jsondec.Text(d, &j.GroupID)
		case "clusterId":
			jsondec.Text(d, &j.ClusterID)
		case "clusterName":
			jsondec.Text(d, &j.ClusterName)
		case "hostId":
			jsondec.Text(d, &j.HostID)
		case "batchId":
			jsondec.Text(d, &j.BatchID)
		case "checkpointId":
			jsondec.Text(d, &j.CheckpointID)
		case "created":
			d.Time(&j.Created)
		case "pointInTime":
			d.Bool(&j.PointInTime)
		case "encryptionEnabled":
			d.Bool(&j.EncryptionEnabled)
		case "masterKeyUUID":
			jsondec.Text(d, &j.MasterKeyUUID)
		case "deploymentJobId":
			jsondec.Text(d, &j.DeploymentJobID)
		case "hashes":
			j.Hashes = decodeHashes(d)
		case "delivery":
			j.unread |= j.Delivery.decode(d)
		case "deliveryType":
			j.unread.record(unreadDeliveryType, jsondec.Text(d, &j.DeliveryType))
		case "deliveryUrl":
			list, ok := decodeSecrets(d)
			j.DeliveryURL = list
			j.unread.record(unreadLinks, ok)
		case "components":
			list, ok := decodeComponents(d)
			j.Components = list
			j.unread.record(unreadLinks, ok)
		case "privateDownloadDeliveryUrls":
			list, ok := decodePrivateDownloads(d)
			j.PrivateDownloadDeliveryURLs = list
			j.unread.record(unreadPrivateLinks, ok)
		case "cancelled":
			j.unread.record(unreadCancelled, d.Bool(&j.Cancelled))
		case "failed":
			j.unread.record(unreadFailed, d.Bool(&j.Failed))
		case "expired":
			j.unread.record(unreadExpired, d.Bool(&j.Expired))
		case "createdAt":
			d.Time(&j.CreatedAt)
		case "finishedAt":
			j.unread.record(unreadFinishedAt, d.Time(&j.FinishedAt))
		case "expiresAt":
			j.unread.record(unreadExpiresAt, d.Time(&j.ExpiresAt))
		case "desiredTimestamp":
			_ = j.DesiredTimestamp.decode(d)
		case "oplogTs":
			jsondec.Int(d, &j.OplogTS)
		case "oplogInc":
			jsondec.Int(d, &j.OplogInc)
		case "pointInTimeUTCSeconds":
			jsondec.Int(d, &j.PointInTimeUTCSeconds)
		case "targetClusterName":
			jsondec.Text(d, &j.TargetClusterName)
		case "targetGroupId":
			jsondec.Text(d, &j.TargetGroupID)
		case "targetDeploymentItemName":
			jsondec.Text(d, &j.TargetDeploymentItemName)
		case "sourceClusterName":
			jsondec.Text(d, &j.SourceClusterName)
		case "status":
			looksWrapped = looksWrapped || d.Kind() == jsondec.Number
			j.unread.record(unreadStatus, jsondec.Text(d, &j.Status))
		case "projectId":
			jsondec.Text(d, &j.ProjectID)
		case "instanceName":
			jsondec.Text(d, &j.InstanceName)
		case "targetProjectId":
			jsondec.Text(d, &j.TargetProjectID)
		case "restoreScheduledDate":
			d.Time(&j.RestoreScheduledDate)
		case "restoreFinishedDate":
			d.Time(&j.RestoreFinishedDate)
		case "snapshotFinishedDate":
			d.Time(&j.SnapshotFinishedDate)
		case "expirationDate":
			d.Time(&j.ExpirationDate)
		case "snapshotUrl":
			jsondec.Text(d, &j.SnapshotURL)
		case "content", "envelope", "results", "error", "errorCode":
			looksWrapped = true
			d.Skip()
		default:
			d.Skip()
		}
	}
	return looksWrapped
}

func (d *Delivery) decode(dec *jsondec.Decoder) (unread unreadMembers) {
	isNull := dec.Kind() == jsondec.Null
	if !dec.Object() {
		unread.record(unreadDelivery, isNull)
		return unread
	}
	for key, ok := dec.Key(); ok; key, ok = dec.Key() {
		switch string(key) {
		case "methodName":
			unread.record(unreadTarget, jsondec.Text(dec, &d.MethodName))
		case "statusName":
			unread.record(unreadDelivery, jsondec.Text(dec, &d.StatusName))
		case "url":
			jsondec.Text(dec, &d.URL)
		case "urlV2":
			jsondec.Text(dec, &d.URLV2)
		case "authHeader":
			jsondec.Text(dec, &d.AuthHeader)
		case "authBearer":
			jsondec.Text(dec, &d.AuthBearer)
		case "authValue":
			jsondec.Text(dec, &d.AuthValue)
		case "expires":
			dec.Time(&d.Expires)
		case "expirationHours":
			jsondec.Int(dec, &d.ExpirationHours)
		case "maxDownloads":
			jsondec.Int(dec, &d.MaxDownloads)
		case "targetGroupId":
			jsondec.Text(dec, &d.TargetGroupID)
		case "targetClusterId":
			unread.record(unreadTarget, jsondec.Text(dec, &d.TargetClusterID))
		case "targetClusterName":
			unread.record(unreadTarget, jsondec.Text(dec, &d.TargetClusterName))
		default:
			dec.Skip()
		}
	}
	return unread
}

func (f *FileHash) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "typeName":
			jsondec.Text(d, &f.TypeName)
		case "fileName":
			jsondec.Text(d, &f.FileName)
		case "hash":
			jsondec.Text(d, &f.Hash)
		case "links":
			f.Links = decodeLinks(d)
		default:
			d.Skip()
		}
	}
}

func (l *Link) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "rel":
			jsondec.Text(d, &l.Rel)
		case "href":
			jsondec.Text(d, &l.Href)
		default:
			d.Skip()
		}
	}
}

// decode reports whether the component's link could be read.
func (c *ClusterComponent) decode(d *jsondec.Decoder) bool {
	isNull := d.Kind() == jsondec.Null
	if !d.Object() {
		return isNull
	}
	public, private := true, true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "replicaSetName":
			jsondec.Text(d, &c.ReplicaSetName)
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
func (p *PrivateDownload) decode(d *jsondec.Decoder) bool {
	isNull := d.Kind() == jsondec.Null
	if !d.Object() {
		return isNull
	}
	isRead := true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "deliveryUrl":
			isRead = decodeLink(d, &p.DeliveryURL)
		case "endpointId":
			jsondec.Text(d, &p.EndpointID)
		default:
			d.Skip()
		}
	}
	return isRead
}
