package main

import (
	"fmt"
	"strings"
	"time"
)

// Jobs of Atlas v2 have the fields, the links and the forms of the values of recorded responses.
// Classic jobs and the parts of sharded clusters are not recorded, so they have those of the
// documentation. All values are made up.

func stamp(i int) string {
	return time.Date(2025, 3, 1, 4, 0, 0, 0, time.UTC).Add(-time.Duration(i) * 7 * time.Hour).Format(time.RFC3339)
}

// shards is the number of parts of a large job.
func shards(size bodySize, perPart int) int {
	const bytes, rest = 4096, 1024
	if size != large {
		return 0
	}
	return (bytes - rest) / perPart
}

func classicJob(i int, size bodySize) string {
	if size == small {
		return fmt.Sprintf(`{"clusterId":%q,"created":%q,"delivery":{"methodName":"HTTP","statusName":"READY","url":"https://a.example/pull"},`+
			`"groupId":%q,"id":%q,"snapshotId":"67c1a2b3e4b0774946a1%04x","statusName":"FINISHED","timestamp":{"date":%q,"increment":%d}}`,
			clusterID, stamp(i), projectID, blank, i, stamp(i+1), i+1)
	}
	const hashLength = 128
	state := "READY"
	files := shards(size, hashLength)
	if i%4 == 1 {
		state = "EXPIRED"
		files = max(files, 1)
	}
	hashes := make([]string, files)
	for part := range hashes {
		hashes[part] = fmt.Sprintf(`{"fileName":"rs%d-1740801600-%s.tar.gz","hash":"%040x","typeName":"SHA1"}`, part, blank, 0xfeed+i+part)
	}
	list := ""
	if files > 0 {
		list = `"hashes":[` + strings.Join(hashes, ",") + `],`
	}
	return fmt.Sprintf(`{"batchId":"5d9b83a0c902fc2a1f5%05x","clusterId":%q,"created":%q,`+
		`"delivery":{"expirationHours":24,"expires":%q,"maxDownloads":10,"methodName":"HTTP","statusName":%q,`+
		`"url":"https://api-backup.mongodb.com/backup/restore/v2/pull/%s/OTQ0NWY5Y2YwMjk0NjFlMDU5YTFmNWRkNDYyMWVj/rs%d-1740801600-%s.tar.gz"},`+
		`"encryptionEnabled":false,"groupId":%q,%s"id":%q,`+
		`"links":[{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/%s/clusters/%s/restoreJobs/%s","rel":"self"},`+
		`{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/%s/clusters/%s","rel":"http://mms.mongodb.com/cluster"}],`+
		`"pointInTime":false,"snapshotId":"67c1a2b3e4b0774946a1%04x","statusName":"FINISHED",`+
		`"timestamp":{"date":%q,"increment":%d}}`,
		i, clusterID, stamp(i), stamp(i-3), state, blank, i, blank, projectID, list, blank,
		projectID, clusterID, blank, projectID, clusterID, i, stamp(i+1), i+1)
}

func cloudJob(i int, size bodySize) string {
	if size == small {
		return fmt.Sprintf(`{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],"expired":false,"failed":false,"finishedAt":%q,"id":%q,`+
			`"snapshotId":"67c1a2b3e4b0774946a1%04x","targetClusterName":"Restored%d","targetGroupId":"5d2bb1a9a6f23972e9c63c14","timestamp":%q}`,
			stamp(i), blank, i, i, stamp(i+2))
	}
	const group = "https://cloud.mongodb.com/api/atlas/v2/groups/"
	return fmt.Sprintf(`{"cancelled":false,%s"desiredTimestamp":{"increment":null,"time":null,"date":null},"expired":%t,"failed":false,"id":%q,`+
		`"links":[{"href":%q,"rel":"self"},{"href":%q,"rel":"https://cloud.mongodb.com/snapshot"},`+
		`{"href":%q,"rel":"https://cloud.mongodb.com/cluster"},{"href":%q,"rel":"https://cloud.mongodb.com/group"}],`+
		`"snapshotId":"67c1a2b3e4b0774946a1%04x","timestamp":%q}`,
		cloudDelivery(i, size), i%8 == 3, blank,
		group+projectID+"/clusters/"+clusterName+"/backup/restoreJobs/"+blank,
		group+projectID+"/clusters/"+clusterName+"/backup/snapshots/67c1a2b3e4b0774946a1"+fmt.Sprintf("%04x", i),
		group+projectID+"/clusters/"+clusterName, group+projectID, i, stamp(i+2))
}

// cloudDelivery has the fields of a job that is restored automatically, of a download of one file,
// or of a download with a file for each shard.
func cloudDelivery(i int, size bodySize) string {
	const link = `"https://restore-%s.ljxf1b.mongodb.net:27017/aB12up63eFh16ZmBiQ9cUO5Q/restore-67c1a2b3e4b0774946a1%04x.tar.gz"`
	if size == middle && i%2 == 0 {
		return fmt.Sprintf(`"deliveryType":"automated","deliveryUrl":[],"finishedAt":%q,"targetClusterName":"Restored%d",`+
			`"targetDeploymentItemName":"atlas-%06x-shard-0","targetGroupId":"5d2bb1a9a6f23972e9c63c14",`, stamp(i), i, 0xabc123+i)
	}
	if size == middle {
		return fmt.Sprintf(`"deliveryType":"download","deliveryUrl":[`+link+`],"expiresAt":%q,`, blank, i, stamp(i-1))
	}
	const partLength = 296
	parts := shards(size, partLength)
	components := make([]string, parts)
	urls := make([]string, parts)
	for part := range parts {
		urls[part] = fmt.Sprintf(link, blank, part)
		components[part] = fmt.Sprintf(`{"downloadUrl":`+link+`,"replicaSetName":"shard-%d"}`, blank, part, part)
	}
	return `"components":[` + strings.Join(components, ",") + `],"deliveryType":"download","deliveryUrl":[` +
		strings.Join(urls, ",") + `],"expiresAt":"` + stamp(i-1) + `",`
}
