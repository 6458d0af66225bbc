package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestCreate_invalidBodies(t *testing.T) {
	t.Parallel()
	const (
		http1          = `"delivery":{"methodName":"HTTP","expirationHours":1,"maxDownloads":1}`
		target         = `"targetGroupId":"P","targetClusterId":"T"`
		auto           = `"delivery":{"methodName":"AUTOMATED_RESTORE",` + target + `}`
		byID           = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"` + unknownID + `"}`
		byName         = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"T"}`
		cloud          = `"targetClusterName":"T","targetGroupId":"P"`
		unknownTarget  = `"targetClusterName":"Nowhere","targetGroupId":"P"`
		unknownProject = `"targetClusterName":"T","targetGroupId":"` + unknownID + `"`
	)
	cm := rjt.CloudManagerCluster
	host := rjt.OpsManagerHost
	leg := rjt.AtlasV2LegacyCluster
	mms := rjt.MMSCluster
	v2 := rjt.AtlasV2Cluster
	sls := rjt.AtlasV2Serverless
	flex := rjt.AtlasV2Flex
	tests := []struct {
		scope  rjt.Scope
		body   string
		status int
		code   string
	}{
		{cm, `{`, 400, "MALFORMED_JSON"},
		{cm, `null`, 400, "MALFORMED_JSON"},
		{cm, `[]`, 400, "MALFORMED_JSON"},
		{cm, `{` + http1 + `,"snapshotId":"S"}}`, 400, "MALFORMED_JSON"},
		{cm, `{"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{` + http1 + `}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{` + http1 + `,"snapshotId":"S","unknown":1}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + http1 + `,"snapshotId":"S","statusName":"FINISHED"}`, 400, "ATTRIBUTE_READ_ONLY"},
		{cm, `{` + http1 + `,"snapshotId":7}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + http1 + `,"snapshotId":"short"}`, 404, "INVALID_SNAPSHOT_ID"},
		{cm, `{` + http1 + `,"snapshotId":"ffffffffffffffffffffffff"}`, 404, "SNAPSHOT_NOT_FOUND"},
		{host, `{` + http1 + `,"snapshotId":"ffffffffffffffffffffffff"}`, 404, "CONFIG_SNAPSHOT_NOT_FOUND"},
		{cm, `{"delivery":{"methodName":"HTTP","expirationHours":1},"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1},"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":0,"expirationHours":1},"snapshotId":"S"}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expirationHours":1,"expires":"2030-01-01T00:00:00Z"},"snapshotId":"S"}`, 400, "VALIDATION_ERROR"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expires":"2030-01-01T00:00:00.5Z"},"snapshotId":"S"}`, 400, "FRACTIONAL_TIMESTAMP"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expires":"tomorrow"},"snapshotId":"S"}`, 400, "INVALID_DATE_FORMAT"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expirationHours":1,"url":"x"},"snapshotId":"S"}`, 400, "ATTRIBUTE_READ_ONLY"},
		{cm, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expirationHours":1,` + target + `},"snapshotId":"S"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"SCP"},"snapshotId":"S"}`, 400, "INVALID_DELIVERY_SCP"},
		{cm, `{"delivery":{"methodName":"QUERY"},"snapshotId":"S"}`, 400, "UNSUPPORTED_DELIVERY_METHOD"},
		{cm, `{"delivery":{},"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{"delivery":[],"snapshotId":"S"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P"},"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"T"},"snapshotId":"S"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"Other"},"snapshotId":"S"}`, 404, "INVALID_CLUSTER_ID"},
		{cm, `{` + auto + `,"snapshotId":"S","pointInTimeUTCMillis":1536610288000}`, 400, "VALIDATION_ERROR"},
		{cm, `{` + byID + `,"snapshotId":"S"}`, 404, "CLUSTER_NOT_FOUND"},
		{cm, `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"` + unknownID + `","targetClusterId":"T"},"snapshotId":"S"}`, 404, "GROUP_NOT_FOUND"},
		{host, `{` + byID + `,"snapshotId":"S"}`, 404, "CLUSTER_NOT_FOUND"},
		{cm, `{` + auto + `,"checkPointId":"K"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + auto + `,"checkpointId":"K"}`, 400, "CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS"},
		{host, `{` + auto + `,"checkpointId":"short"}`, 404, "INVALID_CHECKPOINT_ID"},
		{host, `{` + auto + `,"checkpointId":"` + unknownID + `"}`, 404, "CHECKPOINT_NOT_FOUND"},
		{cm, `{` + auto + `,"oplogTs":1536610288,"oplogInc":1}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + auto + `,"oplogTs":"2018-09-10T20:11:28Z","oplogInc":"1"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + auto + `,"oplogTs":"1536610288"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{` + auto + `,"oplogInc":"1"}`, 400, "MISSING_ATTRIBUTE"},
		{cm, `{` + auto + `,"pointInTimeUTCMillis":1536610288}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{cm, `{` + auto + `,"pointInTimeUTCMillis":4102444800000}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{cm, `{` + auto + `,"oplogTs":"2145916800","oplogInc":"1"}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{cm, `{` + auto + `,"oplogTs":"1536610288","oplogInc":"-1"}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{cm, `{` + auto + `,"oplogTs":"1536610288","oplogInc":"4294967296"}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + auto + `,"pointInTimeUTCMillis":1.5e12}`, 400, "INVALID_ATTRIBUTE"},
		{cm, `{` + http1 + `,"pointInTimeUTCMillis":1536610288000}`, 400, "INVALID_ATTRIBUTE"},
		{leg, `{` + auto + `,"oplogTs":"1536610288","oplogInc":"1"}`, 400, "INVALID_ATTRIBUTE"},
		{leg, `{` + byName + `,"oplogTs":"2100-01-01T00:00:00Z","oplogInc":1}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{leg, `{` + byName + `,"oplogTs":"2018-09-10T20:11:28Z","oplogInc":0}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{leg, `{` + byName + `,"checkpointId":"` + unknownID + `"}`, 404, "CHECKPOINT_NOT_FOUND"},
		{leg, `{` + byID + `,"snapshotId":"S"}`, 404, "CLUSTER_NOT_FOUND"},
		{leg, `{"delivery":{"methodName":"AUTOMATED_RESTORE",` + unknownTarget + `},"snapshotId":"S"}`, 404, "CLUSTER_NOT_FOUND"},
		{leg, `{"delivery":{"methodName":"AUTOMATED_RESTORE",` + unknownProject + `},"snapshotId":"S"}`, 404, "GROUP_NOT_FOUND"},
		{leg, `{"delivery":{"methodName":"HTTP","expires":"2030-01-01T00:00:00Z"},"snapshotId":"S"}`, 400, "ATTRIBUTE_READ_ONLY"},
		{mms, `{` + http1 + `,"snapshotId":"S"}`, 400, "INVALID_ATTRIBUTE"},
		{mms, `{"snapshotId":"S","timestamp":{"date":"2014-07-09T09:20:00Z","increment":0}}`, 400, "VALIDATION_ERROR"},
		{mms, `{"timestamp":{"date":"2014-07-09T09:20:00Z"}}`, 400, "MISSING_ATTRIBUTE"},
		{mms, `{"timestamp":{"date":"2014-07-09T09:20:00.123Z","increment":0}}`, 400, "FRACTIONAL_TIMESTAMP"},
		{mms, `{"timestamp":{"date":"2014-07-09T09:20:00Z","increment":-1}}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{mms, `{"timestamp":{"date":"2100-01-01T00:00:00Z","increment":0}}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{mms, `{}`, 400, "MISSING_ATTRIBUTE"},
		{v2, `{"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{v2, `{"deliveryType":"DOWNLOAD","snapshotId":"S"}`, 400, "INVALID_ENUM_VALUE"},
		{v2, `{"deliveryType":"download","snapshotId":"S",` + cloud + `}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"automated","snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{v2, `{"deliveryType":"automated","snapshotId":"S","pointInTimeUTCSeconds":1588523147,` + cloud + `}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"automated","snapshotId":"S","targetClusterName":"no name","targetGroupId":"P"}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"pointInTime",` + cloud + `}`, 400, "MISSING_ATTRIBUTE"},
		{v2, `{"deliveryType":"pointInTime","snapshotId":"S","pointInTimeUTCSeconds":1588523147,` + cloud + `}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1588523147,"oplogTs":1583753751,"oplogInc":1,` + cloud + `}`, 400, "VALIDATION_ERROR"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1588523147000,` + cloud + `}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":42,` + cloud + `}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":2145916800,` + cloud + `}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{v2, `{"deliveryType":"pointInTime","oplogTs":2145916800,"oplogInc":1,` + cloud + `}`, 400, "INVALID_PIT_RESTORE_TIME"},
		{v2, `{"deliveryType":"automated","snapshotId":"S",` + unknownTarget + `}`, 404, "CLUSTER_NOT_FOUND"},
		{v2, `{"deliveryType":"automated","snapshotId":"S",` + unknownProject + `}`, 404, "GROUP_NOT_FOUND"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1588523147,` + unknownTarget + `}`, 404, "CLUSTER_NOT_FOUND"},
		{v2, `{"deliveryType":"pointInTime","oplogTs":1583753751,"oplogInc":0,` + cloud + `}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{v2, `{"deliveryType":"pointInTime","pointInTimeUtcSeconds":1588523147,` + cloud + `}`, 400, "INVALID_ATTRIBUTE"},
		{v2, `{"deliveryType":"download","snapshotId":"S","cancelled":false}`, 400, "ATTRIBUTE_READ_ONLY"},
		{sls, `{"deliveryType":"download","snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{sls, `{"deliveryType":"download","snapshotId":"S",` + unknownTarget + `}`, 404, "CLUSTER_NOT_FOUND"},
		{sls, `{"deliveryType":"automated","snapshotId":"S",` + unknownProject + `}`, 404, "GROUP_NOT_FOUND"},
		{flex, `{"snapshotId":"S"}`, 400, "MISSING_ATTRIBUTE"},
		{flex, `{"snapshotId":"S","targetDeploymentItemName":"x","deliveryType":"DOWNLOAD"}`, 400, "ATTRIBUTE_READ_ONLY"},
		{flex, `{"snapshotId":"S","targetDeploymentItemName":"x","targetProjectId":"here"}`, 404, "INVALID_GROUP_ID"},
		{flex, `{"snapshotId":"S","targetDeploymentItemName":"x"}`, 404, "CLUSTER_NOT_FOUND"},
		{flex, `{"snapshotId":"S","targetDeploymentItemName":"T","targetProjectId":"` + unknownID + `"}`, 404, "GROUP_NOT_FOUND"},
	}
	c := newInProcessCaller(t)
	for _, tt := range tests {
		a := c.do(http.MethodPost, jobs(tt.scope), fill(tt.scope, tt.body))
		assert.Equal(t, tt.status, a.status, "%s %s: %s", tt.scope, tt.body, a.body)
		assert.Equal(t, tt.code, a.doc["errorCode"], "%s: %s", tt.body, a.body)
	}
	assert.Zero(t, c.server.CreateCount())
	a := c.do(http.MethodPost, jobs(v2), `{"deliveryType":"download","snapshotId":"S","cancelled":false}`)
	assert.Equal(t, "cancelled", objects(a.doc["badRequestDetail"].(map[string]any)["fields"])[0]["field"])
	for _, media := range []string{"text/plain", "application/vnd.atlas.2023-01-01+jsonx", "x/application/vnd.atlas.2023-01-01+json"} {
		a = c.do(http.MethodPost, jobs(v2), goodBody(v2), "Content-Type", media)
		assert.Equal(t, http.StatusUnsupportedMediaType, a.status, media)
	}
	a = c.do(http.MethodPost, path(cm, cm.Sharded()), fill(cm, `{`+auto+`,"checkpointId":"`+unknownID+`"}`))
	assert.Equal(t, "CHECKPOINT_NOT_FOUND", a.doc["errorCode"], a.body)
}
