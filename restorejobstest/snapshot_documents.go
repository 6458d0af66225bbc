package restorejobstest

import (
	"fmt"
	"hash/fnv"
	"time"
)

const snapshotSize = 4186517504

// seedExpiry is the expiry of the snapshots of a new server, which never reach it.
var seedExpiry = time.Date(2099, time.January, 1, 0, 0, 0, 0, time.UTC)

// cloudSnapshot returns the fields that the service sets at this stage of a snapshot.
func (s *Server) cloudSnapshot(snap *storedSnapshot, origin string) map[string]any {
	res := snap.resource
	doc := map[string]any{
		"id":               snap.id,
		"status":           s.cloudStatus(snap),
		"snapshotType":     "scheduled",
		"storageSizeBytes": 0,
		"links":            snapshotLinks(snap, origin),
		"expiresAt":        formatISO(s.shownExpiry(snap)),
	}
	if snap.isOnDemand {
		doc["snapshotType"] = "onDemand"
		doc["description"] = snap.description
	}
	if s.isPast(snap, queuedPercent) {
		doc["mongodVersion"] = atlasClusterVersion
	}
	if s.isPast(snap, createdAtPercent) {
		doc["createdAt"] = formatISO(snap.dataTime())
		doc["storageSizeBytes"] = snapshotSize
	}
	if res.basePath == v2Base {
		doc["frequencyType"] = "daily"
		if snap.isOnDemand {
			doc["frequencyType"] = "ondemand" // the specification lacks this value, the service sends it
		}
	}
	if res.isServerless() {
		doc["serverlessInstanceName"] = res.name
		return doc
	}
	s.addClusterFields(snap, doc)
	return doc
}

func (s *Server) cloudStatus(snap *storedSnapshot) string {
	switch {
	case snap.failed:
		return "failed"
	case s.isCompleted(snap):
		return "completed"
	case s.isPast(snap, queuedPercent):
		return "inProgress"
	default:
		return "queued"
	}
}

func (s *Server) shownExpiry(snap *storedSnapshot) time.Time {
	if snap.isSeed {
		return seedExpiry
	}
	return s.snapshotExpiry(snap)
}

// addClusterFields adds what the snapshots of serverless instances do not have.
func (s *Server) addClusterFields(snap *storedSnapshot, doc map[string]any) {
	res := snap.resource
	isV2 := res.basePath == v2Base
	doc["type"] = res.topology()
	if isV2 {
		doc["policyItems"] = []any{}
		if !snap.isOnDemand {
			doc["policyItems"] = []any{partID(res.project, "daily policy")}
		}
	}
	if res.shards == 0 {
		doc["replicaSetName"] = res.name // the service sends the name of the cluster
		if isV2 {
			doc["copyRegions"] = []any{}
		}
		if isV2 && s.isPast(snap, providerPercent) {
			doc["cloudProvider"] = "AWS"
		}
		return
	}
	doc["configServerType"] = res.configServer
	if !s.isPast(snap, providerPercent) {
		return
	}
	var ids, members []any
	for _, replicaSet := range res.replicaSetNames() {
		id := partID(snap.id, replicaSet)
		ids = append(ids, id)
		members = append(members, map[string]any{
			"cloudProvider":  "AWS",
			"id":             id,
			"replicaSetName": replicaSet,
		})
	}
	doc["snapshotIds"] = ids
	if isV2 {
		doc["members"] = members
	}
}

func (r *resource) topology() string {
	if r.shards > 0 {
		return "shardedCluster"
	}
	return "replicaSet"
}

// partID returns an id with the time of another id, which depends on the name only.
func partID(id, name string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id + name))
	return fmt.Sprintf("%s%016x", id[:8], hash.Sum64())
}

func snapshotLinks(snap *storedSnapshot, origin string) []any {
	res := snap.resource
	clusterURL := res.url(origin)
	part := "/backup/snapshots/"
	if res.hasShardedSnapshotList() {
		part += shardedCluster + "/"
	}
	rel := "http://mms.mongodb.com/cluster"
	if res.basePath == v2Base {
		rel = "https://cloud.mongodb.com/cluster"
	}
	return []any{linkDocument("self", clusterURL+part+snap.id), linkDocument(rel, clusterURL)}
}

// url is the URL of a cluster, host or instance.
func (r *resource) url(origin string) string {
	return origin + r.basePath + "/groups/" + r.project + "/" + r.collection + "/" + r.name
}

// flexSnapshot has no links, which the service does not send either.
func (s *Server) flexSnapshot(snap *storedSnapshot) map[string]any {
	doc := map[string]any{
		"id":             snap.id,
		"status":         "PENDING",
		"mongoDBVersion": atlasClusterVersion,
		"scheduledTime":  formatISO(snap.requested),
		"expiration":     formatISO(s.shownExpiry(snap)),
	}
	hasEnded := snap.failed || s.isCompleted(snap)
	if hasEnded || s.isPast(snap, flexQueuedPercent) {
		doc["startTime"] = formatISO(snap.at(flexQueuedPercent))
	}
	switch {
	case snap.failed:
		doc["status"] = "FAILED"
	case hasEnded:
		doc["status"] = "COMPLETED"
	case s.isPast(snap, flexQueuedPercent):
		doc["status"] = "RUNNING"
	case s.isPast(snap, flexPendingPercent):
		doc["status"] = "QUEUED"
	}
	if hasEnded {
		doc["finishTime"] = formatISO(snap.completesAt)
	}
	return doc
}

// classicSnapshot returns the fields of Cloud Manager, Ops Manager, MMS and legacy clusters of Atlas.
func (s *Server) classicSnapshot(snap *storedSnapshot, origin string) map[string]any {
	res := snap.resource
	complete := s.isCompleted(snap)
	doc := map[string]any{
		"id":          snap.id,
		"groupId":     res.project,
		res.idField(): res.id(),
		"complete":    complete,
		"created":     timestampDocument(snap.requested, max(snap.increment, 1)),
		"doNotDelete": false,
		"expires":     formatISO(s.shownExpiry(snap)),
		"links":       []any{linkDocument("self", res.url(origin)+"/snapshots/"+snap.id)},
		"parts":       []any{},
	}
	if complete {
		doc["lastOplogAppliedTimestamp"] = timestampDocument(snap.dataTime(), max(snap.increment, 1))
		doc["parts"] = classicParts(snap)
	}
	switch {
	case res.isAtlas():
		doc["clusterName"] = res.name
		doc["incremental"] = true
	case !res.isMMS():
		doc["namespaceFilterList"] = map[string]any{"filterList": []any{}, "filterType": "blacklist"} // of every printed example
	}
	if res.shards > 0 && !res.isAtlas() {
		doc["isPossiblyInconsistent"] = false
		doc["missingShards"] = []any{}
	}
	return doc
}

// classicParts returns one part for a replica set, and one for each shard and the config server of a
// sharded cluster.
func classicParts(snap *storedSnapshot) []any {
	res := snap.resource
	members := res.parts()
	switch {
	case res.isHost():
		members = []clusterPart{{id: res.id(), typeName: "CONFIG_SERVER"}}
	case res.shards == 0:
		members = []clusterPart{{
			id:         res.id(),
			typeName:   "REPLICA_SET",
			replicaSet: res.label,
		}}
	case res.configServer == embeddedConfig:
		members[0].typeName = "CONFIG_SHARD_REPLICA_SET"
	}
	var parts []any
	for i, member := range members {
		part := map[string]any{
			"typeName":           member.typeName,
			res.idField():        member.id,
			"mongodVersion":      atlasClusterVersion,
			"dataSizeBytes":      snapshotSize,
			"storageSizeBytes":   snapshotSize / 2,
			"fileSizeBytes":      snapshotSize / 2,
			"compressionSetting": "GZIP",
			"encryptionEnabled":  false,
		}
		if member.replicaSet != "" {
			part["replicaSetName"] = member.replicaSet
		}
		if res.isAtlas() {
			part["fcv"] = "8.0"
			part["completedTime"] = formatISO(snap.completesAt)
			part["machineId"] = fmt.Sprintf("mongod%d.restorejobs.test:27017", i)
			part["replicaState"] = "PRIMARY"
		}
		parts = append(parts, part)
	}
	return parts
}
