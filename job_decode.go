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
	if d.Kind() != jsondec.KindObject {
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
	return j.marshalFields()
}

// marshalFields is apart from MarshalJSON because only a job built by hand is to be copied to the heap.
func (j Job) marshalFields() ([]byte, error) {
	timestamp := j.format().timestampJSON(j.Timestamp)
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
			jsondec.String(d, &j.ID)
		case "snapshotId":
			jsondec.String(d, &j.SnapshotID)
		case "links":
			j.Links = decodeLinks(d)
		case "timestamp":
			_ = j.Timestamp.decode(d) // an unknown form stays in the raw text
		case "statusName":
			j.unread.record(unreadStatusName, jsondec.String(d, &j.StatusName))
		case "groupId":
			jsondec.String(d, &j.GroupID)
		case "clusterId":
			jsondec.String(d, &j.ClusterID)
		case "clusterName":
			jsondec.String(d, &j.ClusterName)
		case "hostId":
			jsondec.String(d, &j.HostID)
		case "batchId":
			jsondec.String(d, &j.BatchID)
		case "checkpointId":
			jsondec.String(d, &j.CheckpointID)
		case "created":
			d.Time(&j.Created)
		case "pointInTime":
			d.Bool(&j.PointInTime)
		case "encryptionEnabled":
			d.Bool(&j.EncryptionEnabled)
		case "masterKeyUUID":
			jsondec.String(d, &j.MasterKeyUUID)
		case "deploymentJobId":
			jsondec.String(d, &j.DeploymentJobID)
		case "hashes":
			j.Hashes = decodeHashes(d)
		case "delivery":
			j.unread |= j.Delivery.decode(d)
		case "deliveryType":
			j.unread.record(unreadDeliveryType, jsondec.String(d, &j.DeliveryType))
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
			jsondec.String(d, &j.TargetClusterName)
		case "targetGroupId":
			jsondec.String(d, &j.TargetGroupID)
		case "targetDeploymentItemName":
			jsondec.String(d, &j.TargetDeploymentItemName)
		case "sourceClusterName":
			jsondec.String(d, &j.SourceClusterName)
		case "status":
			looksWrapped = looksWrapped || d.Kind() == jsondec.KindNumber
			j.unread.record(unreadStatus, jsondec.String(d, &j.Status))
		case "projectId":
			jsondec.String(d, &j.FlexProjectID)
		case "instanceName":
			jsondec.String(d, &j.InstanceName)
		case "targetProjectId":
			jsondec.String(d, &j.TargetProjectID)
		case "restoreScheduledDate":
			d.Time(&j.RestoreScheduledDate)
		case "restoreFinishedDate":
			d.Time(&j.RestoreFinishedDate)
		case "snapshotFinishedDate":
			d.Time(&j.SnapshotFinishedDate)
		case "expirationDate":
			d.Time(&j.ExpirationDate)
		case "snapshotUrl":
			jsondec.String(d, &j.SnapshotURL)
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
	isNull := dec.Kind() == jsondec.KindNull
	if !dec.Object() {
		unread.record(unreadDelivery, isNull)
		return unread
	}
	for key, ok := dec.Key(); ok; key, ok = dec.Key() {
		switch string(key) {
		case "methodName":
			unread.record(unreadTarget, jsondec.String(dec, &d.MethodName))
		case "statusName":
			unread.record(unreadDelivery, jsondec.String(dec, &d.StatusName))
		case "url":
			jsondec.String(dec, &d.URL)
		case "urlV2":
			jsondec.String(dec, &d.URLV2)
		case "authHeader":
			jsondec.String(dec, &d.AuthHeader)
		case "authBearer":
			jsondec.String(dec, &d.AuthBearer)
		case "authValue":
			jsondec.String(dec, &d.AuthValue)
		case "expires":
			dec.Time(&d.Expires)
		case "expirationHours":
			jsondec.Int(dec, &d.ExpirationHours)
		case "maxDownloads":
			jsondec.Int(dec, &d.MaxDownloads)
		case "targetGroupId":
			jsondec.String(dec, &d.TargetGroupID)
		case "targetClusterId":
			unread.record(unreadTarget, jsondec.String(dec, &d.TargetClusterID))
		case "targetClusterName":
			unread.record(unreadTarget, jsondec.String(dec, &d.TargetClusterName))
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
			jsondec.String(d, &f.TypeName)
		case "fileName":
			jsondec.String(d, &f.FileName)
		case "hash":
			jsondec.String(d, &f.Hash)
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
			jsondec.String(d, &l.Rel)
		case "href":
			jsondec.String(d, &l.Href)
		default:
			d.Skip()
		}
	}
}

// decode reports whether the component's link could be read.
func (c *ClusterComponent) decode(d *jsondec.Decoder) bool {
	isNull := d.Kind() == jsondec.KindNull
	if !d.Object() {
		return isNull
	}
	public, private := true, true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "replicaSetName":
			jsondec.String(d, &c.ReplicaSetName)
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
	isNull := d.Kind() == jsondec.KindNull
	if !d.Object() {
		return isNull
	}
	isRead := true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "deliveryUrl":
			isRead = decodeLink(d, &p.DeliveryURL)
		case "endpointId":
			jsondec.String(d, &p.EndpointID)
		default:
			d.Skip()
		}
	}
	return isRead
}
