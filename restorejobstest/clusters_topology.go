package restorejobstest

import "maps"

// diskSize is the size of every disk in GB.
const diskSize = 10.0

// zoneSpec returns a replication specification of the zone of a cluster. Up to 2023 there is one
// for the zone, which has a number of shards; since 2024 there is one for each shard.
func zoneSpec(res *resource, spec, hardware map[string]any) map[string]any {
	nodes := map[string]any{
		"instanceSize":  "M10",
		"diskIOPS":      3000,
		"ebsVolumeType": "STANDARD",
		"nodeCount":     membersPerSet,
	}
	maps.Copy(nodes, hardware)
	spec["id"] = derivedID(res.project, res.name, "replication")
	spec["zoneId"] = derivedID(res.project, res.name, "zone")
	spec["zoneName"] = "Zone 1"
	spec["regionConfigs"] = []any{map[string]any{
		"electableSpecs": nodes,
		"priority":       7,
		"providerName":   "AWS",
		"regionName":     "US_EAST_1",
	}}
	return spec
}

// addLegacyTopology adds the fields of 2023-01-01 and of Atlas v1.
func addLegacyTopology(res *resource, doc map[string]any) {
	region := map[string]any{"US_EAST_1": map[string]any{
		"analyticsNodes": 0,
		"electableNodes": membersPerSet,
		"priority":       7,
		"readOnlyNodes":  0,
	}}
	doc["diskSizeGB"] = diskSize
	doc["numShards"] = max(res.shards, 1)
	doc["providerSettings"] = map[string]any{
		"providerName":     "AWS",
		"instanceSizeName": "M10",
		"regionName":       "US_EAST_1",
	}
	doc["replicationFactor"] = membersPerSet
	doc["replicationSpec"] = region
	doc["replicationSpecs"] = []any{map[string]any{
		"id":            derivedID(res.project, res.name, "replication"),
		"numShards":     max(res.shards, 1),
		"regionsConfig": region,
		"zoneName":      "Zone 1",
	}}
	doc["srvAddress"] = "mongodb+srv://" + res.id() + ".example.net"
}

func atlasLinks(res *resource, origin string) []any {
	self := origin + res.basePath + "/groups/" + res.project + "/" + res.collection + "/" + res.name
	return []any{
		linkDocument("self", self),
		linkDocument("https://cloud.mongodb.com/restoreJobs", self+"/"+res.backupPath+"restoreJobs"),
		linkDocument("https://cloud.mongodb.com/snapshots", self+"/"+res.backupPath+"snapshots"),
	}
}
