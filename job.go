package restorejobs

import "time"

// Job is one restore job of any variant, as a server returned it. The comment of a field names the
// jobs that set it; in other jobs it is zero. The formats are:
//
//   - classic: Cloud Manager, Ops Manager, MMS, legacy clusters of Atlas v1 and v2
//   - cloud: clusters of Atlas v1 and v2, and formerly serverless instances
//   - flex: flex clusters of Atlas v2
//
// A Job marshals to the JSON value that it was read from, unknown members included, even after its
// fields were changed. A Job built by hand marshals its nonzero fields.
//
// Package fmt and log/slog print a Job without secrets; [json.Marshal] writes them. The JSON handler
// of log/slog marshals slices and structs, so log jobs individually. Package fmt calls no method of
// an unexported field: a struct with a Job in one needs a String method.
//
// API: "Get One Restore Job" of every variant.
type Job struct {
	// ID identifies the job. Set by all jobs.
	ID string `json:"id,omitzero"`
	// SnapshotID is the snapshot to restore. Set by all jobs, except some restores to a point in
	// time.
	SnapshotID string `json:"snapshotId,omitzero"`
	// Links point to the job and to related resources. Set by classic and cloud jobs.
	Links []Link `json:"links,omitzero"`
	// Timestamp is the latest oplog entry in the restored data. Set by classic jobs. In cloud jobs
	// it is the creation time of the snapshot, with Increment 0.
	Timestamp Timestamp `json:"timestamp,omitzero"`

	// StatusName is the status of the job. Set by classic jobs.
	StatusName JobStatus `json:"statusName,omitzero"`
	// GroupID is the project of the job. Set by classic jobs. See [Job.ProjectID].
	GroupID string `json:"groupId,omitzero"`
	// ClusterID is the id of the source cluster. Set by classic jobs. See [Job.ConfigHostID].
	ClusterID string `json:"clusterId,omitzero"`
	// ClusterName is the name of the source cluster. Set by Atlas legacy clusters.
	ClusterName string `json:"clusterName,omitzero"`
	// HostID is the source config server (SCCC). Set by hosts of Cloud Manager, Ops Manager.
	HostID string `json:"hostId,omitzero"`
	// BatchID is common to all jobs of one create on a sharded cluster. Set by classic jobs of
	// sharded clusters.
	BatchID string `json:"batchId,omitzero"`
	// CheckpointID is the checkpoint to restore. Set by Cloud Manager, Ops Manager.
	CheckpointID string `json:"checkpointId,omitzero"`
	// Created is the creation time, in whole seconds. Set by classic jobs. See [Job.CreationTime].
	Created time.Time `json:"created,omitzero"`
	// MasterKeyUUID is the KMIP master key of encrypted data. Set by classic jobs, except MMS.
	MasterKeyUUID string `json:"masterKeyUUID,omitzero"`
	// DeploymentJobID marks a restore of an imported snapshot. Set by Atlas v2 legacy clusters.
	DeploymentJobID string `json:"deploymentJobId,omitzero"`
	// Hashes are the checksums of the file, known after its download. Set by classic jobs.
	Hashes []FileHash `json:"hashes,omitzero"`
	// Delivery describes how the data are delivered; zero in a fresh MMS job. Set by classic jobs.
	Delivery Delivery `json:"delivery,omitzero"`

	// DeliveryType is the kind of restore. Set by cloud and flex jobs.
	DeliveryType DeliveryType `json:"deliveryType,omitzero"`
	// DeliveryURL are the download links; empty until they are ready and in restores into a
	// cluster. A string is read as a list of one link. Set by cloud jobs.
	DeliveryURL []Secret `json:"deliveryUrl,omitzero"`
	// Components are the parts of a sharded cluster. Set by Atlas clusters.
	Components []ClusterComponent `json:"components,omitzero"`
	// PrivateDownloadDeliveryURLs are the same links through private endpoints in the region of the
	// snapshot (AWS, Azure, Google Cloud). Set by Atlas clusters.
	PrivateDownloadDeliveryURLs []PrivateDownload `json:"privateDownloadDeliveryUrls,omitzero"`

	// The flags of all formats are neighbours because each would occupy eight bytes elsewhere.

	// PointInTime marks a restore to a point in time. Set by classic jobs, except Atlas v2.
	PointInTime bool `json:"pointInTime,omitzero"`
	// EncryptionEnabled marks encrypted data. Set by classic jobs, except MMS.
	EncryptionEnabled bool `json:"encryptionEnabled,omitzero"`
	// Cancelled marks a cancelled job; it can also be true in a failed job. Set by cloud jobs.
	Cancelled bool `json:"cancelled,omitzero"`
	// Failed marks a failed job. Set by cloud jobs.
	Failed bool `json:"failed,omitzero"`
	// Expired marks a job whose links have expired. Set by cloud jobs.
	Expired bool `json:"expired,omitzero"`

	// unread has the members that decide the state and could not be read.
	unread unreadMembers

	// CreatedAt is the creation time. Set by Atlas v1 cloud jobs. See [Job.CreationTime].
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// FinishedAt is the end of a restore into a cluster, failed or not; zero in a download that is
	// ready. Set by cloud jobs. See [Job.FinishTime].
	FinishedAt time.Time `json:"finishedAt,omitzero"`
	// ExpiresAt is the expiry of the download links. Set by cloud downloads. Samples of Atlas v1
	// also have it in restores into a cluster.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// DesiredTimestamp is the requested oplog entry. Set by cloud restores to a point in time.
	DesiredTimestamp Timestamp `json:"desiredTimestamp,omitzero"`
	// OplogTS is the requested oplog entry, in seconds since 1970. Set by cloud restores to an oplog
	// entry.
	OplogTS int64 `json:"oplogTs,omitzero"`
	// OplogInc is the increment of OplogTS. Set by cloud restores to an oplog entry.
	OplogInc int64 `json:"oplogInc,omitzero"`
	// PointInTimeUTCSeconds is the requested time, in seconds since 1970. Set by cloud restores to a
	// point in time.
	PointInTimeUTCSeconds int64 `json:"pointInTimeUTCSeconds,omitzero"`
	// TargetClusterName is the target cluster. Set by cloud restores into a cluster. See
	// [Job.Target].
	TargetClusterName string `json:"targetClusterName,omitzero"`
	// TargetGroupID is the project of TargetClusterName. Set by cloud restores into a cluster.
	TargetGroupID string `json:"targetGroupId,omitzero"`
	// TargetDeploymentItemName is the target cluster in flex jobs. In cloud jobs it is an internal
	// name of the target. Set by cloud and flex jobs.
	TargetDeploymentItemName string `json:"targetDeploymentItemName,omitzero"`
	// SourceClusterName is the cluster of the snapshot. Only MongoDB's older Go client has it, for
	// Atlas v1; no document or sample does.
	SourceClusterName string `json:"sourceClusterName,omitzero"`

	// Status is the status of the job. Set by flex jobs.
	Status FlexStatus `json:"status,omitzero"`
	// FlexProjectID is the member projectId: the project of the job. Set by flex jobs. See
	// [Job.ProjectID].
	FlexProjectID string `json:"projectId,omitzero"`
	// InstanceName is the source cluster. Set by flex jobs.
	InstanceName string `json:"instanceName,omitzero"`
	// TargetProjectID is the project of TargetDeploymentItemName. Set by flex jobs.
	TargetProjectID string `json:"targetProjectId,omitzero"`
	// RestoreScheduledDate is the creation time. Set by flex jobs. See [Job.CreationTime].
	RestoreScheduledDate time.Time `json:"restoreScheduledDate,omitzero"`
	// RestoreFinishedDate is the end of the job, failed or not. Set by flex jobs. See
	// [Job.FinishTime].
	RestoreFinishedDate time.Time `json:"restoreFinishedDate,omitzero"`
	// SnapshotFinishedDate is when the snapshot was complete. Set by flex jobs.
	SnapshotFinishedDate time.Time `json:"snapshotFinishedDate,omitzero"`
	// ExpirationDate is the expiry of the job, six hours after its creation in all recordings. The
	// link of a download expires four hours after the request. Set by flex jobs.
	ExpirationDate time.Time `json:"expirationDate,omitzero"`
	// SnapshotURL is the download link. Set by flex downloads; see [ToDownload].
	SnapshotURL Secret `json:"snapshotUrl,omitzero"`

	// raw is the text of the job. The strings above are parts of it.
	raw string
}

// RawJSON returns a copy of the bytes that the server sent for this job, or nil for a job built by
// hand. They are complete: a list field omits entries when its JSON has dozens of empty ones.
func (j *Job) RawJSON() []byte { return copyRaw(j.raw) }

// Delivery describes how a classic job delivers its data.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.
type Delivery struct {
	// MethodName is the delivery method. Set by classic jobs. It does not distinguish restores into
	// a cluster: see [Delivery.Automated].
	MethodName DeliveryMethod `json:"methodName,omitzero"`
	// StatusName is the status of the file. Set by classic downloads.
	StatusName DeliveryStatus `json:"statusName,omitzero"`
	// URL is the download link, which contains its key; empty until it is ready. Set by classic
	// downloads.
	URL Secret `json:"url,omitzero"`
	// URLV2 is the download link that needs the header AuthHeader; preferred to URL. Set by Ops
	// Manager, Atlas v2 legacy clusters.
	URLV2 Secret `json:"urlV2,omitzero"`
	// AuthHeader is the name of the header that URLV2 needs. Set with URLV2.
	AuthHeader string `json:"authHeader,omitzero"`
	// AuthBearer is the scheme before AuthValue in that header; empty for none. Set by Ops Manager.
	AuthBearer string `json:"authBearer,omitzero"`
	// AuthValue is the secret in that header. Set with URLV2.
	AuthValue Secret `json:"authValue,omitzero"`
	// Expires is the expiry of the link. Set by classic downloads.
	Expires time.Time `json:"expires,omitzero"`
	// ExpirationHours is the requested lifetime of the link, in hours; Expires is authoritative. Set
	// by classic downloads, except MMS.
	ExpirationHours int64 `json:"expirationHours,omitzero"`
	// MaxDownloads is the permitted number of downloads; 2147483647 means no limit. Set by classic
	// downloads, except MMS.
	MaxDownloads int64 `json:"maxDownloads,omitzero"`
	// TargetGroupID is the project of the target cluster. Set by classic restores into a cluster.
	TargetGroupID string `json:"targetGroupId,omitzero"`
	// TargetClusterID is the id of the target cluster. Set by classic restores into a cluster.
	TargetClusterID string `json:"targetClusterId,omitzero"`
	// TargetClusterName is the name of the target cluster. Set by Atlas legacy clusters.
	TargetClusterName string `json:"targetClusterName,omitzero"`
}

// Automated reports whether the job restores into a cluster instead of offering a file. It tests
// for a target, because servers return the MethodName HTTP for both.
func (d Delivery) Automated() bool {
	return d.MethodName == DeliveryMethodAutomatedRestore || d.TargetClusterID != "" || d.TargetClusterName != ""
}

// FileHash is the checksum of one file of a classic job.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", hashes.
type FileHash struct {
	// TypeName is the algorithm.
	TypeName HashType `json:"typeName,omitzero"`
	// FileName is the name of the file.
	FileName string `json:"fileName,omitzero"`
	// Hash is the checksum in hexadecimal: lower case in every sample.
	Hash string `json:"hash,omitzero"`
	// Links are related resources. Set by Atlas v2 legacy clusters.
	Links []Link `json:"links,omitzero"`
}

// Link points to a resource that is related to the job.
//
// API: all variants, links.
type Link struct {
	// Rel is the relation, such as "self" or "http://mms.mongodb.com/snapshot". Compare only its last
	// path element: variants differ in the rest.
	Rel string `json:"rel,omitzero"`
	// Href is the address as the server wrote it, possibly on another host. It is never followed.
	Href string `json:"href,omitzero"`
}

// ClusterComponent is one replica set in the job of a sharded cluster. Set by Atlas clusters.
//
// API: Atlas v2 "getBackupRestoreJob", components.
type ClusterComponent struct {
	// ReplicaSetName is the name of the shard or config server.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// DownloadURL is the link; empty before it is ready, and after it was used or has expired.
	DownloadURL Secret `json:"downloadUrl,omitzero"`
	// PrivateDownloadDeliveryURLs are the same link through private endpoints.
	PrivateDownloadDeliveryURLs []PrivateDownload `json:"privateDownloadDeliveryUrls,omitzero"`
}

// PrivateDownload is a download link through a private endpoint. Set by Atlas clusters.
//
// API: Atlas v2 "getBackupRestoreJob", privateDownloadDeliveryUrls.
type PrivateDownload struct {
	// DeliveryURL is the link.
	DeliveryURL Secret `json:"deliveryUrl,omitzero"`
	// EndpointID is the private endpoint, such as "vpce-3bf78b0ddee411ba1" on AWS.
	EndpointID string `json:"endpointId,omitzero"`
}
