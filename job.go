package restorejobs

import "time"

// Job is one restore job as a server described it: one struct for every variant,
// for answers only. The comment of a field names the variants that send it; the
// others leave it at its zero value. "Classic" stands for Cloud Manager, Ops
// Manager, MMS and the legacy clusters of Atlas v1 and v2; "cloud" for the clusters
// and serverless instances of Atlas v1 and v2; "flex" for the flex clusters of
// Atlas v2.
//
// Nothing the server sent is lost: a Job that was read marshals to the JSON value
// it was read from, unknown fields, nulls and empty arrays included, whatever was
// changed in its fields since; [Job.RawJSON] has the bytes. Only the field of a list
// that holds dozens of empty entries has fewer of them. A Job that was built by hand
// marshals its fields that are not zero.
//
// A Job prints without its links and other secrets, in fmt and log/slog. The one
// deliberate exception is [json.Marshal], because that is how a job is stored. So log
// jobs one by one: the JSON handler of log/slog marshals whatever holds a job, such as a
// slice or a struct. And fmt asks no methods of a private field: a struct of your own
// that keeps a job in one needs a String method before it is printed.
//
// API: Cloud Manager, Ops Manager, MMS and Atlas "Get One Restore Job"; Atlas v2
// "getBackupRestoreJob", "getServerlessRestoreJob", "getClusterRestoreJob" and
// "getFlexRestoreJob".
type Job struct {
	// ID identifies the job. All variants.
	ID string `json:"id,omitzero"`
	// SnapshotID is the snapshot to restore. All variants; jobs that restore to a point in
	// time may lack it, and those of MMS do.
	SnapshotID string `json:"snapshotId,omitzero"`
	// Links point to the job and to what belongs to it. All variants but flex; samples of
	// serverless instances lack them.
	Links []Link `json:"links,omitzero"`
	// Timestamp is the latest oplog entry in the restored data (classic), or when the
	// snapshot was taken (cloud; Increment is 0). Flex jobs have none.
	Timestamp Timestamp `json:"timestamp,omitzero"`

	// StatusName is how the job is. Classic.
	StatusName JobStatus `json:"statusName,omitzero"`
	// GroupID is the project that owns the job. Classic.
	GroupID string `json:"groupId,omitzero"`
	// ClusterID is the id of the cluster that the job represents. Classic. Host jobs have
	// HostID, but their lists have been documented with the host's id here: see [Job.ConfigHostID].
	ClusterID string `json:"clusterId,omitzero"`
	// ClusterName is the name of the cluster that the job represents. Atlas legacy clusters.
	ClusterName string `json:"clusterName,omitzero"`
	// HostID is the mirrored config server (SCCC) that the job represents. Hosts of
	// Cloud Manager and Ops Manager.
	HostID string `json:"hostId,omitzero"`
	// BatchID is shared by all jobs of one create on a sharded cluster, "" on a replica
	// set's. Classic.
	BatchID string `json:"batchId,omitzero"`
	// CheckpointID is the checkpoint to restore. Cloud Manager and Ops Manager.
	CheckpointID string `json:"checkpointId,omitzero"`
	// Created is when the job was asked for, in whole seconds. Classic.
	Created time.Time `json:"created,omitzero"`
	// MasterKeyUUID is the KMIP master key where EncryptionEnabled is true. Classic but MMS.
	MasterKeyUUID string `json:"masterKeyUUID,omitzero"`
	// DeploymentJobID is set on restores from an imported snapshot. Atlas v2 legacy
	// clusters.
	DeploymentJobID string `json:"deploymentJobId,omitzero"`
	// Hashes are the checksums of the file: there only after it has been downloaded.
	// Classic.
	Hashes []FileHash `json:"hashes,omitzero"`
	// Delivery says how the data are handed over; all zero on a fresh MMS job. Classic.
	Delivery Delivery `json:"delivery,omitzero"`

	// DeliveryType is what kind of restore this is. Cloud and flex.
	DeliveryType DeliveryType `json:"deliveryType,omitzero"`
	// DeliveryURL are the download links: empty until ready, and on jobs that are no
	// download. A single string is read as a list of one link. Cloud.
	DeliveryURL []Secret `json:"deliveryUrl,omitzero"`
	// Components are the parts of a sharded cluster. Atlas clusters.
	Components []ClusterComponent `json:"components,omitzero"`
	// PrivateDownloadDeliveryURLs are the same links through private endpoints in the
	// snapshot's region (AWS, Azure, Google Cloud). Atlas clusters.
	PrivateDownloadDeliveryURLs []PrivateDownload `json:"privateDownloadDeliveryUrls,omitzero"`

	// The flags of all variants stand together: apart, each would take eight bytes of every
	// job.

	// PointInTime says whether the job restores to a point in time. Classic but Atlas v2
	// legacy clusters, whose schema lacks it.
	PointInTime bool `json:"pointInTime,omitzero"`
	// EncryptionEnabled says whether the restored data are encrypted. Classic but MMS.
	EncryptionEnabled bool `json:"encryptionEnabled,omitzero"`
	// Cancelled says that the job was cancelled. A job that failed can have it too. Cloud.
	Cancelled bool `json:"cancelled,omitzero"`
	// Failed says that the job failed. Cloud.
	Failed bool `json:"failed,omitzero"`
	// Expired says that the job's links have expired. Cloud.
	Expired bool `json:"expired,omitzero"`

	// unread names the members that decide the state and have a value that cannot be read.
	unread unreadMembers

	// CreatedAt is when the job was asked for. Cloud, Atlas v1 only.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// FinishedAt is when a restore into a cluster ended, and can be set on a job that failed.
	// A download that is ready lacks it. Cloud.
	FinishedAt time.Time `json:"finishedAt,omitzero"`
	// ExpiresAt is when the download links expire; samples of Atlas v1 have it on restores
	// into a cluster too. Cloud.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// DesiredTimestamp is the oplog entry that was asked for, zero on jobs that do not restore
	// to a point in time. Cloud.
	DesiredTimestamp Timestamp `json:"desiredTimestamp,omitzero"`
	// OplogTS is the oplog entry to restore to, in seconds since the Unix epoch; 0 where none
	// was asked for. Cloud.
	OplogTS int64 `json:"oplogTs,omitzero"`
	// OplogInc is the second part of the oplog timestamp. Cloud.
	OplogInc int64 `json:"oplogInc,omitzero"`
	// PointInTimeUTCSeconds is the time to restore to, in seconds since the Unix
	// epoch; 0 where none was asked for. Cloud.
	PointInTimeUTCSeconds int64 `json:"pointInTimeUTCSeconds,omitzero"`
	// TargetClusterName is the cluster that is restored into; absent on the downloads of
	// clusters. Cloud.
	TargetClusterName string `json:"targetClusterName,omitzero"`
	// TargetGroupID is the project of TargetClusterName. Cloud.
	TargetGroupID string `json:"targetGroupId,omitzero"`
	// TargetDeploymentItemName is the service's own name of the target (cloud), or the
	// flex cluster that is restored into (flex).
	TargetDeploymentItemName string `json:"targetDeploymentItemName,omitzero"`
	// SourceClusterName is the cluster the snapshot is from. Only MongoDB's older Go client
	// has it, for Atlas v1: in no document and no sample.
	SourceClusterName string `json:"sourceClusterName,omitzero"`

	// Status is how the job is. Flex.
	Status FlexStatus `json:"status,omitzero"`
	// ProjectID is the project that owns the job. Flex.
	ProjectID string `json:"projectId,omitzero"`
	// InstanceName is the flex cluster the snapshot is from. Flex.
	InstanceName string `json:"instanceName,omitzero"`
	// TargetProjectID is the project of TargetDeploymentItemName. Flex.
	TargetProjectID string `json:"targetProjectId,omitzero"`
	// RestoreScheduledDate is when the job was asked for. Flex.
	RestoreScheduledDate time.Time `json:"restoreScheduledDate,omitzero"`
	// RestoreFinishedDate is when the job ended, well or not. Flex.
	RestoreFinishedDate time.Time `json:"restoreFinishedDate,omitzero"`
	// SnapshotFinishedDate is when the snapshot was complete. Flex.
	SnapshotFinishedDate time.Time `json:"snapshotFinishedDate,omitzero"`
	// ExpirationDate is when the job expires: six hours after it was scheduled wherever that
	// was seen, on restores too. The link of a download lasts four hours from the request. Flex.
	ExpirationDate time.Time `json:"expirationDate,omitzero"`
	// SnapshotURL is the download link. Flex downloads, which [Client.Do] can start: see
	// [ToDownload].
	SnapshotURL Secret `json:"snapshotUrl,omitzero"`

	// raw is the text the job was read from; the strings above are parts of it.
	raw string
}

// Delivery says how a classic job hands over its data.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.
type Delivery struct {
	// MethodName is how the data are delivered; see [DeliveryMethod] for a trap. Classic.
	MethodName DeliveryMethod `json:"methodName,omitzero"`
	// StatusName is how the file to be fetched is. Classic downloads.
	StatusName DeliveryStatus `json:"statusName,omitzero"`
	// URL is the download link, which is its own key, "" until it is ready. Classic downloads.
	URL Secret `json:"url,omitzero"`
	// URLV2 is the download link that needs a header: AuthHeader. Preferred to URL.
	// Ops Manager and Atlas v2 legacy clusters.
	URLV2 Secret `json:"urlV2,omitzero"`
	// AuthHeader is the name of the header that URLV2 needs, and comes with it.
	AuthHeader string `json:"authHeader,omitzero"`
	// AuthBearer is the word before AuthValue in that header, "" for none. Ops Manager.
	AuthBearer string `json:"authBearer,omitzero"`
	// AuthValue is the secret in that header, and comes with URLV2.
	AuthValue Secret `json:"authValue,omitzero"`
	// Expires is when the link ends. Classic downloads.
	Expires time.Time `json:"expires,omitzero"`
	// ExpirationHours is the link's lifetime as it was asked for, in hours. Trust
	// Expires. Classic downloads but MMS.
	ExpirationHours int64 `json:"expirationHours,omitzero"`
	// MaxDownloads is how often the link may be used; 2147483647 stands for no limit.
	// Classic downloads but MMS.
	MaxDownloads int64 `json:"maxDownloads,omitzero"`
	// TargetGroupID is the project of the cluster that is restored into. Classic but MMS.
	TargetGroupID string `json:"targetGroupId,omitzero"`
	// TargetClusterID is the id of the cluster that is restored into. Classic but MMS.
	TargetClusterID string `json:"targetClusterId,omitzero"`
	// TargetClusterName is the name of the cluster that is restored into. Atlas legacy
	// clusters.
	TargetClusterName string `json:"targetClusterName,omitzero"`
}

// Automated reports whether the job restores into a cluster rather than offering a
// file. Mostly the target tells: servers answer with the MethodName HTTP for both.
func (d Delivery) Automated() bool {
	return d.MethodName == DeliveryMethodAutomatedRestore || d.TargetClusterID != "" || d.TargetClusterName != ""
}

// FileHash is the checksum of one file of a classic job.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", hashes.
type FileHash struct {
	// TypeName is the algorithm.
	TypeName HashType `json:"typeName,omitzero"`
	// FileName is the file that was hashed.
	FileName string `json:"fileName,omitzero"`
	// Hash is the checksum, in hexadecimal: lower case in every sample.
	Hash string `json:"hash,omitzero"`
	// Links are in the schema of Atlas v2 legacy clusters only.
	Links []Link `json:"links,omitzero"`
}

// Link points to something that belongs to the job.
//
// API: all variants, links.
type Link struct {
	// Rel is the relation, such as "self" or "http://mms.mongodb.com/snapshot". Compare
	// its last path element: the rest differs between variants.
	Rel string `json:"rel,omitzero"`
	// Href is the address as the server wrote it. It may name another host than the
	// one that was asked, and is never followed.
	Href string `json:"href,omitzero"`
}

// ClusterComponent is one replica set of a sharded cluster's job. Atlas clusters.
//
// API: Atlas v2 "getBackupRestoreJob", components.
type ClusterComponent struct {
	// ReplicaSetName names the shard or the config server.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// DownloadURL is the link: empty when it is not there yet, used up or expired.
	DownloadURL Secret `json:"downloadUrl,omitzero"`
	// PrivateDownloadDeliveryURLs are the same link through private endpoints.
	PrivateDownloadDeliveryURLs []PrivateDownload `json:"privateDownloadDeliveryUrls,omitzero"`
}

// PrivateDownload is a download link through a private endpoint. Atlas clusters.
//
// API: Atlas v2 "getBackupRestoreJob", privateDownloadDeliveryUrls.
type PrivateDownload struct {
	// DeliveryURL is the link.
	DeliveryURL Secret `json:"deliveryUrl,omitzero"`
	// EndpointID is the private endpoint, such as "vpce-3bf78b0ddee411ba1" on AWS.
	EndpointID string `json:"endpointId,omitzero"`
}

// RawJSON returns the bytes that the server sent for this job, or nil for a job
// that was built by hand. The caller owns them.
func (j *Job) RawJSON() []byte {
	if j.raw == "" {
		return nil
	}
	return []byte(j.raw)
}

// ConfigHostID returns the mirrored config server that the job is for: HostID, else
// ClusterID, where some lists carry it. Hosts of Cloud Manager and Ops Manager; of other
// jobs it is the cluster's id, or "".
func (j *Job) ConfigHostID() string {
	if j.HostID != "" {
		return j.HostID
	}
	return j.ClusterID
}

// JobIDs returns the ids of jobs, such as those that [Jobs.Create] returned, in their
// order, never nil. It leaves out nil, which [Jobs.Wait] returns for a job it never saw.
func JobIDs(jobs []*Job) []string {
	ids := make([]string, 0, len(jobs))
	for _, job := range jobs {
		if job != nil {
			ids = append(ids, job.ID)
		}
	}
	return ids
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
