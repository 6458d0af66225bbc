package restorejobs

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// modelParts are the structs that the JSON pass fills.
var modelParts = []reflect.Type{
	reflect.TypeFor[Job](), reflect.TypeFor[Delivery](), reflect.TypeFor[FileHash](), reflect.TypeFor[Link](),
	reflect.TypeFor[ClusterComponent](), reflect.TypeFor[PrivateDownload](), reflect.TypeFor[Timestamp](), reflect.TypeFor[TimeRange](),
}

// documentedFields are the members that the documents, the schema and recordings name.
var documentedFields = map[string]string{
	"Job": `id snapshotId links timestamp
		statusName groupId clusterId clusterName hostId batchId checkpointId created pointInTime encryptionEnabled
		masterKeyUUID deploymentJobId hashes delivery
		deliveryType deliveryUrl components privateDownloadDeliveryUrls cancelled failed expired createdAt finishedAt
		expiresAt desiredTimestamp oplogTs oplogInc pointInTimeUTCSeconds targetClusterName targetGroupId
		targetDeploymentItemName sourceClusterName
		status projectId instanceName targetProjectId restoreScheduledDate restoreFinishedDate snapshotFinishedDate
		expirationDate snapshotUrl`,
	"Delivery": `methodName statusName url urlV2 authHeader authBearer authValue expires expirationHours maxDownloads
		targetClusterId targetGroupId targetClusterName`,
	"FileHash":         "typeName fileName hash links",
	"Link":             "rel href",
	"ClusterComponent": "replicaSetName downloadUrl privateDownloadDeliveryUrls",
	"PrivateDownload":  "deliveryUrl endpointId",
	"Timestamp":        "date increment",
	"TimeRange":        "start end snapshotId shardCount configServerType",
}

// ownFields are members that no service sends: the library sets them.
var ownFields = map[string]string{"TimeRange": "estimated"}

func TestJob_hasEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for _, part := range modelParts {
		var names []string
		for name := range taggedFields(part) {
			names = append(names, name)
		}
		want := strings.Fields(documentedFields[part.Name()] + " " + ownFields[part.Name()])
		assert.ElementsMatch(t, want, names, part.Name())
	}
}

// TestJob_everyFieldIsInABody requires a documented or recorded body for each field of the model.
func TestJob_everyFieldIsInABody(t *testing.T) {
	t.Parallel()
	members := map[string]bool{}
	var collect func(value any)
	collect = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, inner := range value {
				members[name] = true
				collect(inner)
			}
		case []any:
			for _, inner := range value {
				collect(inner)
			}
		}
	}
	for _, name := range bodyFiles(t) {
		var body any
		if json.Unmarshal(bodyFile(t, name), &body) == nil {
			collect(body)
		}
	}
	for part, fields := range documentedFields {
		for name := range strings.FieldsSeq(fields) {
			assert.True(t, members[name], "%s: no body in testdata has %s", part, name)
		}
	}
}
