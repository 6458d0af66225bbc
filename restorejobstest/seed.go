package restorejobstest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Ids for the placeholders in the jobs of the API documents.
const (
	cloudManagerSeedJobID     = "5c0ffee000000000000000f0"
	cloudManagerSeedBatchID   = "5c0ffee000000000000000e0"
	opsManagerHostSeedJobID   = "5ba5e00000000000000001f0"
	opsManagerHostSeedBatchID = "5ba5e00000000000000001e0"
	serverlessSeedSnapshotID  = "5fdfe8800000000000000001"
	atlasSeedJobID            = "32b6e34b3d91647abb20e7b8"
)

// seedJobs returns the jobs of a new server, newest first. They are those of the API documents, or
// of the same shape if the documents have no example.
func seedJobs(sc Scope) []string {
	switch sc {
	case CloudManagerCluster:
		return []string{cloudManagerJob}
	case CloudManagerHost:
		return []string{hostJob("5c0ffee000000000000001f0", "5c0ffee000000000000001e0", "api-backup.mongodb.com", sc.spec())}
	case OpsManagerCluster:
		return []string{opsManagerJob}
	case OpsManagerHost:
		return []string{hostJob(opsManagerHostSeedJobID, opsManagerHostSeedBatchID, "opsmanager.example.net:8080", sc.spec())}
	case MMSCluster:
		return []string{mmsSecondJob, mmsFirstJob}
	case AtlasV1Cluster:
		return []string{atlasV1Job}
	case AtlasV1Serverless:
		return []string{serverlessJob}
	case AtlasV1LegacyCluster:
		return []string{legacyJob("6a11a50000000000000002f0", sc.spec())}
	case AtlasV2Cluster:
		return []string{atlasV2Download, atlasV2Printed}
	case AtlasV2Serverless:
		return []string{atlasV2Serverless}
	case AtlasV2LegacyCluster:
		return []string{legacyJob("6a22a50000000000000002f0", sc.spec())}
	case AtlasV2Flex:
		return []string{flexJob}
	}
	return nil
}

func (s *Server) seed() {
	for i := range s.resources {
		res := s.resources[i]
		if res.name != res.cluster {
			continue
		}
		for _, body := range slices.Backward(seedJobs(res.scope)) {
			s.addDocument(res, mustParse(body))
		}
	}
}

// mustParse reads a JSON object and keeps the text of its numbers.
func mustParse(body string) map[string]any {
	var doc map[string]any
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&doc); err != nil {
		panic("restorejobstest: a job must be a JSON object: " + err.Error())
	}
	return doc
}

func hostJob(id, batch, origin string, r scopeSpec) string {
	return `{"batchId":"` + batch + `","created":"2016-03-04T22:07:27Z","delivery":{"expirationHours":1,` +
		`"expires":"2016-03-04T23:07:27Z","maxDownloads":1,"methodName":"HTTP","statusName":"READY",` +
		`"url":"https://` + origin + `/backup/restore/v2/pull/` + id + `/1976673072885966399/electron_0-1456098690-` + id + `.tar.gz"},` +
		`"encryptionEnabled":false,"groupId":"` + r.project + `","hostId":"` + r.cluster + `","id":"` + id + `","links":[{}],` +
		`"pointInTime":false,"snapshotId":"` + r.snapshots[1].id + `","statusName":"FINISHED",` +
		`"timestamp":{"date":"2017-04-19T21:14:25Z","increment":1}}`
}

func legacyJob(id string, r scopeSpec) string {
	return `{"clusterId":"` + r.clusterID + `","clusterName":"` + r.cluster + `","created":"2017-04-20T01:00:47Z",` +
		`"delivery":{"expirationHours":48,"expires":"2017-04-22T01:02:14Z","maxDownloads":2147483647,"methodName":"HTTP",` +
		`"statusName":"EXPIRED","url":"https://api-backup.mongodb.com/backup/restore/v2/pull/` + id +
		`/YW55IGtleQ==/` + r.cluster + `-1492636465-` + id + `.tar.gz"},"encryptionEnabled":false,"groupId":"` + r.project +
		`","hashes":[{"fileName":"` + r.cluster + `-1492636465-` + id + `.tar.gz","hash":"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12","typeName":"SHA1"}],` +
		`"id":"` + id + `","links":[],"snapshotId":"` + r.snapshots[1].id + `","statusName":"FINISHED",` +
		`"timestamp":{"date":"2017-04-19T21:14:25Z","increment":1}}`
}

const cloudManagerJob = `{"batchId":"` + cloudManagerSeedBatchID + `","clusterId":"5c0ffee00000000000000002","created":"2016-03-04T22:07:27Z",
"delivery":{"expirationHours":1,"expires":"2016-03-04T23:07:27Z","maxDownloads":1,"methodName":"HTTP","statusName":"EXPIRED",
"url":"https://api-backup.mongodb.com/backup/restore/v2/pull/` + cloudManagerSeedJobID + `/1976673072885966399/electron_0-1456098690-` + cloudManagerSeedJobID + `.tar.gz"},
"encryptionEnabled":false,"groupId":"` + cloudProject + `","id":"` + cloudManagerSeedJobID + `","links":[{}],"pointInTime":false,
"snapshotId":"5c0ffee000000000000000a1","statusName":"FINISHED","timestamp":{"date":"2017-04-19T21:14:25Z","increment":1}}`

const opsManagerJob = `{"clusterId":"5ba5e0000000000000000002","created":"2017-04-20T22:07:27Z",
"delivery":{"methodName":"HTTP","targetClusterId":"5ba5e0000000000000000005","targetGroupId":"` + opsProject + `"},
"encryptionEnabled":true,"groupId":"` + opsProject + `","id":"5ba5e00000000000000000f0","links":[],
"masterKeyUUID":"1f1f6f2e-9d2c-4b0a-8a6e-3b1a0d7c5e42","pointInTime":false,
"snapshotId":"5ba5e00000000000000000a1","statusName":"FINISHED","timestamp":{"date":"2017-04-19T21:14:25Z","increment":1}}`

const (
	mmsSelf = `https://mms.mongodb.com/api/public/v1.0/groups/525ec8394f5e625c80c7404a/clusters/53bc556ce4b049c88baec825/restoreJobs/`
	mmsPull = `https://api-backup.mongodb.com/backup/restore/v2/pull/ae6bc7a8bfdd5a99a0c118c73845dc75/`
)

const mmsSecondJob = `{"id":"53bd7f38e4b0a7304e226b3f","groupId":"525ec8394f5e625c80c7404a","clusterId":"53bc556ce4b049c88baec825",
"snapshotId":"53bd4356e4b0774946a16455","created":"2014-07-09T17:43:20Z","timestamp":{"date":"2014-07-08T21:24:37Z","increment":1},
"statusName":"FINISHED","pointInTime":false,"delivery":{"methodName":"HTTP",
"url":"` + mmsPull + `53bd7f38e4b0a7304e226b3f/8924913772648127956/525ec8394f5e625c80c7404a-rs0-1404854677.tar.gz",
"expires":"2014-07-09T18:43:21Z","statusName":"READY"},"links":[{"rel":"self","href":"` + mmsSelf + `53bd7f38e4b0a7304e226b3f"}]}`

const mmsFirstJob = `{"id":"53bd7f13e4b0a7304e226998","groupId":"525ec8394f5e625c80c7404a","clusterId":"53bc556ce4b049c88baec825",
"snapshotId":"53bd439ae4b0774946a16490","created":"2014-07-09T17:42:43Z","timestamp":{"date":"2014-07-09T09:24:37Z","increment":1},
"statusName":"FINISHED","pointInTime":false,"delivery":{"methodName":"HTTP",
"url":"` + mmsPull + `53bd7f13e4b0a7304e226998/2292652411027442213/525ec8394f5e625c80c7404a-rs0-1404897877.tar.gz",
"expires":"2014-07-09T18:42:43Z","statusName":"READY"},"links":[{"rel":"self","href":"` + mmsSelf + `53bd7f13e4b0a7304e226998"}]}`

const atlasV1Job = `{"cancelled":false,"createdAt":"2026-08-09T04:00:00Z","deliveryType":"automated","deliveryUrl":[],"expired":false,
"finishedAt":"2026-08-09T04:03:52Z","id":"6a11a500000000000000a0f0","links":[],"snapshotId":"6a11a50000000000000000b1",
"targetClusterName":"Cluster1","targetGroupId":"` + atlasV1Project + `","timestamp":"2026-08-09T03:05:05Z"}`

const serverlessJob = `{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],"expired":false,"expiresAt":"2021-04-20T00:00:00Z",
"failed":false,"id":"` + serverlessSeedSnapshotID + `","snapshotId":"` + serverlessSeedSnapshotID + `","targetClusterName":"Cluster0",
"targetDeploymentItemName":"atlas-72ck1q","targetGroupId":"` + atlasV1Project + `","timestamp":"2020-12-21T00:00:00Z"}`

const atlasV2Download = `{"cancelled":false,"deliveryType":"download",
"deliveryUrl":["https://restore-6a7948342c88faeba59eb866.ljxf1b.mongodb-dev.net:27017/aB12up63eFh16ZmBiQ9cUO5Q/restore-6a79468a2c88faeba59de489.tar.gz"],
"desiredTimestamp":{"increment":null,"time":null,"date":null},"expired":false,"expiresAt":"2026-08-10T04:44:52Z","failed":false,
"id":"6a7948342c88faeba59eb866","links":[],"snapshotId":"6a79468a2c88faeba59de489","timestamp":"2026-08-10T03:35:05Z"}`

const atlasV2Printed = `{"cancelled":true,"components":[{"downloadUrl":"string","privateDownloadDeliveryUrls":[{"deliveryUrl":"string",
"endpointId":"vpce-3bf78b0ddee411ba1"}],"replicaSetName":"string"}],"deliveryType":"automated","deliveryUrl":["string"],
"desiredTimestamp":{"date":"2025-05-04T09:42:00Z","increment":1199145600},"expired":true,"expiresAt":"2025-05-04T09:42:00Z",
"failed":true,"finishedAt":"2025-05-04T09:42:00Z","id":"` + atlasSeedJobID + `",
"links":[{"href":"https://cloud.mongodb.com/api/atlas","rel":"self"}],"oplogInc":1,"oplogTs":42,"pointInTimeUTCSeconds":42,
"privateDownloadDeliveryUrls":[{"deliveryUrl":"string","endpointId":"vpce-3bf78b0ddee411ba1"}],
"snapshotId":"32b6e34b3d91647abb20e7b8","targetClusterName":"string","targetGroupId":"32b6e34b3d91647abb20e7b8",
"timestamp":"2025-05-04T09:42:00Z"}`

const atlasV2Serverless = `{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],
"desiredTimestamp":{"increment":null,"time":null,"date":null},"expired":false,"failed":false,"finishedAt":"2026-08-09T04:03:52Z",
"id":"6a22a50000000000000001f0","snapshotId":"6a22a50000000000000001b1","targetClusterName":"Serverless1",
"targetGroupId":"` + atlasV2Project + `","timestamp":"2026-08-09T03:05:05Z"}`

const flexJob = `{"deliveryType":"RESTORE","expirationDate":"2026-08-10T09:03:29Z","id":"6a793f812c88faeba59bc399","instanceName":"Flex0",
"projectId":"` + atlasV2Project + `","restoreFinishedDate":"2026-08-10T03:04:32Z","restoreScheduledDate":"2026-08-10T03:03:29Z",
"snapshotFinishedDate":"2026-08-02T17:06:56Z","snapshotId":"6a6f78e0cab84da5c4476b25","status":"COMPLETED",
"targetDeploymentItemName":"cluster-833","targetProjectId":"` + atlasV2Project + `"}`
