package restorejobs

import "example.com/restorejobs/internal/jsondec"

// parseJob copies raw once; the strings of the job are parts of the copy. A value that is not an
// object is a job with only its raw text, so that one invalid entry does not fail a page.
func parseJob(raw []byte) (*Job, error) {
	job, _, err := parseJobChecked(raw)
	return job, err
}

// parseJobChecked also reports whether the object has members of an envelope or of an error.
func parseJobChecked(raw []byte) (job *Job, looksWrapped bool, err error) {
	job = new(Job)
	looksWrapped, err = job.parse(raw, string(raw))
	if err != nil {
		return nil, looksWrapped, err
	}
	return job, looksWrapped, nil
}

// parse reads an empty job. Its strings are parts of text, a copy of raw.
func (j *Job) parse(raw []byte, text string) (looksWrapped bool, err error) {
	j.raw = text
	d := jsondec.NewShared(raw, text)
	looksWrapped = j.decode(&d)
	return looksWrapped, d.End()
}

// decode has a line for each field of Job. TestJobDecode_everyField finds a missing line.
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
			_ = j.Timestamp.decode(d) // a form that is not known is in the raw text only
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
			j.unread.record(unreadLinks, decodeLink(d, &j.SnapshotURL))
		case "content", "envelope", "results", "error", "errorCode":
			looksWrapped = true
			d.Skip()
		default:
			d.Skip()
		}
	}
	return looksWrapped
}
