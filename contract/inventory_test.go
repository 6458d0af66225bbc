package contract

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// operationsVariable is the environment variable with the path of the list of operations.
const operationsVariable = "RESTOREJOBS_OPERATIONS"

// vendorOperation is one line of the list of operations.
type vendorOperation struct {
	method string
	path   string
	name   string
}

// openOperations reads the list, or skips the test if the variable is not set. A line has a method, a
// path and a name, separated by tabs.
func openOperations(t *testing.T) []vendorOperation {
	t.Helper()
	path := os.Getenv(operationsVariable)
	if path == "" {
		t.Skipf("nothing is checked: set %s to the path of the vendor's list of operations, which is not part of this repository", operationsVariable)
	}
	list, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []vendorOperation
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		require.GreaterOrEqual(t, len(fields), 3, line)
		all = append(all, vendorOperation{fields[0], fields[1], fields[2]})
	}
	return all
}

// useKind is how a program makes a vendor's operation.
type useKind int

const (
	byMethod   useKind = iota + 1 // how is a method of the library, from Client or Source
	byDo                          // Client.Do, and how is what a program does with it
	outOfScope                    // no part of a restore, and how is the reason
)

// inventoryRow says how a program makes one operation of the vendor.
type inventoryRow struct {
	method string
	path   string // without the common prefix
	kind   useKind
	how    string
}

const groupPath = "/api/atlas/v2/groups/{groupId}"

// inventory has a row for every operation of Atlas v2 around backups, restores and snapshots.
func inventory() []inventoryRow {
	const (
		project    = "/backup"
		cluster    = "/clusters/{clusterName}"
		backup     = cluster + "/backup"
		snapshots  = backup + "/snapshots"
		flex       = "/flexClusters/{name}/backup"
		serverless = "/serverless/{clusterName}/backup"

		exports    = "copies snapshots to the user's own bucket, and restores nothing"
		endpoints  = "sets up the network of a project"
		compliance = "sets a policy of a project"
	)
	return []inventoryRow{
		{"GET", project + "/exportBuckets", outOfScope, exports},
		{"POST", project + "/exportBuckets", outOfScope, exports},
		{"GET", project + "/exportBuckets/{exportBucketId}", outOfScope, exports},
		{"PATCH", project + "/exportBuckets/{exportBucketId}", outOfScope, exports},
		{"DELETE", project + "/exportBuckets/{exportBucketId}", outOfScope, exports},
		{"GET", project + "/{cloudProvider}/privateEndpoints", outOfScope, endpoints},
		{"POST", project + "/{cloudProvider}/privateEndpoints", outOfScope, endpoints},
		{"GET", project + "/{cloudProvider}/privateEndpoints/{endpointId}", outOfScope, endpoints},
		{"DELETE", project + "/{cloudProvider}/privateEndpoints/{endpointId}", outOfScope, endpoints},
		{"GET", "/backupCompliancePolicy", outOfScope, compliance},
		{"PUT", "/backupCompliancePolicy", outOfScope, compliance},
		{"DELETE", "/backupCompliancePolicy", outOfScope, compliance},
		{"GET", backup + "/exports", outOfScope, exports},
		{"POST", backup + "/exports", outOfScope, exports},
		{"GET", backup + "/exports/{exportId}", outOfScope, exports},

		{"GET", backup + "/restoreJobs", byMethod, "Source.Jobs.List"},
		{"POST", backup + "/restoreJobs", byMethod, "Source.Jobs.Create"},
		{"GET", backup + "/restoreJobs/{restoreJobId}", byMethod, "Source.Jobs.Get"},
		{"DELETE", backup + "/restoreJobs/{restoreJobId}", byMethod, "Source.Jobs.Cancel"},

		{"GET", backup + "/schedule", byMethod, "Source.Jobs.RestorableTimeRanges"},
		{"PATCH", backup + "/schedule", byDo, "changes when snapshots are taken and how long they are kept"},
		{"DELETE", backup + "/schedule", byDo, "ends scheduled snapshots"},

		{"GET", snapshots, byMethod, "Source.Snapshots.All"},
		{"POST", snapshots, byMethod, "Source.Snapshots.Create"},
		{"GET", snapshots + "/shardedCluster/{snapshotId}", byMethod, "Source.Snapshots.Get"},
		{"DELETE", snapshots + "/shardedCluster/{snapshotId}", byDo, "deletes a snapshot"},
		{"GET", snapshots + "/shardedClusters", byMethod, "Source.Snapshots.All"},
		{"GET", snapshots + "/{snapshotId}", byMethod, "Source.Snapshots.Get"},
		{"PATCH", snapshots + "/{snapshotId}", byDo, "changes how long a snapshot is kept"},
		{"DELETE", snapshots + "/{snapshotId}", byDo, "deletes a snapshot"},
		{"GET", snapshots + "/{snapshotId}/databases", byMethod, "Source.Snapshots.Databases"},
		{"GET", snapshots + "/{snapshotId}/databases/{databaseName}", byDo, "has no more than the list"},
		{"GET", snapshots + "/{snapshotId}/databases/{databaseName}/collections", byMethod, "Source.Snapshots.Collections"},
		{"GET", snapshots + "/{snapshotId}/databases/{databaseName}/collections/{collectionName}", byDo, "has no more than the list"},

		{"GET", cluster + "/backupCheckpoints", byDo, "finds the id for FromCheckpoint; clusters with legacy backup up to version 4.0"},
		{"GET", cluster + "/backupCheckpoints/{checkpointId}", byDo, "as the list"},

		{"GET", cluster + "/collectionRestoreJobs", byMethod, "Source.CollectionJobs.All"},
		{"POST", cluster + "/collectionRestoreJobs", byMethod, "Source.CollectionJobs.Create"},
		{"GET", cluster + "/collectionRestoreJobs/{jobId}", byMethod, "Source.CollectionJobs.Get"},
		{"GET", cluster + "/collectionRestoreJobs/{jobId}/collections", byMethod, "Source.CollectionJobs.Collections"},
		{"GET", cluster + "/collectionRestoreJobs/{jobId}/collections/{sourceNamespace}", byDo, "has no more than the list"},

		{"GET", cluster + "/restoreJobs", byMethod, "Source.Jobs.List"},
		{"POST", cluster + "/restoreJobs", byMethod, "Source.Jobs.Create"},
		{"GET", cluster + "/restoreJobs/{jobId}", byMethod, "Source.Jobs.Get"},
		{"GET", cluster + "/snapshotSchedule", byDo, "reads the schedule of legacy backup, which is deprecated"},
		{"PATCH", cluster + "/snapshotSchedule", byDo, "changes the schedule of legacy backup, which is deprecated"},
		{"GET", cluster + "/snapshots", byMethod, "Source.Snapshots.All"},
		{"GET", cluster + "/snapshots/{snapshotId}", byMethod, "Source.Snapshots.Get"},
		{"PATCH", cluster + "/snapshots/{snapshotId}", byDo, "changes how long a snapshot is kept"},
		{"DELETE", cluster + "/snapshots/{snapshotId}", byDo, "deletes a snapshot"},

		{"POST", flex + "/download", byMethod, "Source.Jobs.Create"},
		{"GET", flex + "/restoreJobs", byMethod, "Source.Jobs.List"},
		{"POST", flex + "/restoreJobs", byMethod, "Source.Jobs.Create"},
		{"GET", flex + "/restoreJobs/{restoreJobId}", byMethod, "Source.Jobs.Get"},
		{"GET", flex + "/snapshots", byMethod, "Source.Snapshots.All"},
		{"GET", flex + "/snapshots/{snapshotId}", byMethod, "Source.Snapshots.Get"},

		{"GET", serverless + "/restoreJobs", byMethod, "Source.Jobs.List"},
		{"POST", serverless + "/restoreJobs", byMethod, "Source.Jobs.Create"},
		{"GET", serverless + "/restoreJobs/{restoreJobId}", byMethod, "Source.Jobs.Get"},
		{"GET", serverless + "/snapshots", byMethod, "Source.Snapshots.All"},
		{"GET", serverless + "/snapshots/{snapshotId}", byMethod, "Source.Snapshots.Get"},
	}
}

// Every operation of the vendor has a row, and every row an operation of the vendor.
func TestInventory_everyOperation(t *testing.T) {
	t.Parallel()
	operations := openOperations(t)
	require.NotEmpty(t, operations)
	rows := map[string]bool{}
	for _, row := range inventory() {
		name := row.method + " " + groupPath + row.path
		assert.False(t, rows[name], "two rows: %s", name)
		rows[name] = true
	}
	for _, operation := range operations {
		name := operation.method + " " + operation.path
		assert.True(t, rows[name], "no row says how a program makes %s: %s", operation.name, name)
		delete(rows, name)
	}
	for name := range rows {
		assert.Fail(t, "a row without an operation", name)
	}
}

// Every row has a method that exists, or a reason.
func TestInventory_everyMethod(t *testing.T) {
	t.Parallel()
	for _, row := range inventory() {
		name := row.method + " " + row.path
		switch row.kind {
		case byMethod:
			assert.True(t, hasMethod(row.how), "%s: the library has no %s", name, row.how)
		case byDo, outOfScope:
			assert.Contains(t, row.how, " ", "%s: a reason", name)
			assert.True(t, hasMethod("Client.Do"), name)
		default:
			assert.Fail(t, "neither a method nor a reason", name)
		}
	}
}

func TestHasMethod_missingNames(t *testing.T) {
	t.Parallel()
	assert.True(t, hasMethod("Source.Jobs.List"))
	assert.True(t, hasMethod("Client.AtlasV2.Flex"))
	for _, missing := range []string{"Source.Jobs.Lists", "Source.Job.List", "Sources.Jobs.List", "Source.Jobs", "Source", "", "source.Jobs.List", "Source.Jobs.endpoint"} {
		assert.False(t, hasMethod(missing), missing)
	}
}

// hasMethod reports whether a method exists, such as "Source.Jobs.List": a type, its fields, and the
// method of the last one.
func hasMethod(name string) bool {
	roots := map[string]reflect.Type{
		"Client": reflect.TypeFor[*restorejobs.Client](),
		"Source": reflect.TypeFor[*restorejobs.Source](),
	}
	parts := strings.Split(name, ".")
	typ, ok := roots[parts[0]]
	if !ok || len(parts) < 2 {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		field, ok := typ.FieldByName(part)
		if !ok {
			return false
		}
		typ = field.Type
	}
	_, ok = typ.MethodByName(parts[last])
	return ok
}
