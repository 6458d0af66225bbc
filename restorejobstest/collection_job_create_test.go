package restorejobstest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestCreateCollectionJob_accepted(t *testing.T) {
	t.Parallel()
	hourAgo := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	for _, members := range []string{
		``,
		`"databases":[{"sourceNamespace":"sales"}],`,
		`"databases":[{"sourceNamespace":"sales","targetNamespace":""}],"collections":[],`,
		`"collectionSuffix":"","databaseSuffix":null,"oplogTs":null,"oplogInc":null,"pointInTimeUtcSeconds":null,"snapshotId":"` + collectionScope.Snapshots()[1] + `",`,
		`"pointInTimeUtcSeconds":` + hourAgo + `,`,
		`"oplogTs":` + hourAgo + `,"oplogInc":1,`,
	} {
		c := newInProcessCaller(t)
		a := c.do(http.MethodPost, collectionJobs, collectionBody(members))
		assert.Equal(t, http.StatusCreated, a.status, "%s: %s", members, a.body)
		for name := range a.doc {
			assert.NotNil(t, a.doc[name], name)
		}
	}
}

func TestCreateCollectionJob_refused(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	good := collectionBody("")
	snapshot := `"snapshotId":"` + collectionScope.Snapshots()[0] + `",`
	unfinished := c.server.AddSnapshot(collectionScope, `{"status":"inProgress"}`)
	fallback := c.server.AddSnapshot(collectionScope, `{"status":"completed","snapshotType":"fallback"}`)
	many := `"collections":[` + strings.TrimSuffix(strings.Repeat(`{"sourceNamespace":"a.b"},`, 101), ",") + `],`
	for body, want := range map[string]string{
		`{}`: "400 MISSING_ATTRIBUTE",
		`[]`: "400 MALFORMED_JSON",
		strings.Replace(good, `"targetClusterName"`, `"cluster"`, 1):              "400 INVALID_ATTRIBUTE",
		strings.Replace(good, "CREATE_NEW", "MERGE", 1):                           "400 INVALID_ENUM_VALUE",
		strings.Replace(good, `"ALL"`, `"all"`, 1):                                "400 INVALID_ENUM_VALUE",
		strings.Replace(good, snapshot, "", 1):                                    "400 MISSING_ATTRIBUTE",
		strings.Replace(good, collectionScope.Target(), "Nowhere0", 1):            "404 CLUSTER_NOT_FOUND",
		strings.Replace(good, collectionScope.Snapshots()[0], unknownID, 1):       "404 SNAPSHOT_NOT_FOUND",
		strings.Replace(good, collectionScope.Snapshots()[0], unfinished, 1):      "409 CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT",
		strings.Replace(good, collectionScope.Snapshots()[0], fallback, 1):        "400 VALIDATION_ERROR",
		collectionBody(snapshot + `"pointInTimeUtcSeconds":1754881505,`):          "400 VALIDATION_ERROR",
		collectionBody(`"oplogTs":1754881505,`):                                   "400 MISSING_ATTRIBUTE",
		collectionBody(`"pointInTimeUTCSeconds":1754881505,`):                     "400 INVALID_ATTRIBUTE",
		collectionBody(`"pointInTimeUtcSeconds":1754881505,`):                     "400 INVALID_PIT_RESTORE_TIME", // outside of the window
		collectionBody(`"pointInTimeUtcSeconds":2147000000,`):                     "400 INVALID_PIT_RESTORE_TIME",
		collectionBody(`"collections":[],`):                                       "400 MISSING_ATTRIBUTE",
		collectionBody(`"collections":{},`):                                       "400 INVALID_ATTRIBUTE",
		collectionBody(`"collections":["sales.orders"],`):                         "400 INVALID_ATTRIBUTE",
		collectionBody(`"collections":[{"sourceNamespace":"sales"}],`):            "400 INVALID_ATTRIBUTE",
		collectionBody(`"collections":[{"targetNamespace":"a.b"}],`):              "400 MISSING_ATTRIBUTE",
		collectionBody(`"collections":[{"sourceNamespace":"a.b","name":"c"}],`):   "400 INVALID_ATTRIBUTE",
		collectionBody(`"collections":[{"sourceNamespace":"a.b"}],"state":"OK",`): "400 ATTRIBUTE_READ_ONLY",
		collectionBody(`"databases":[{"sourceNamespace":"sales.orders"}],`):       "400 INVALID_ATTRIBUTE",
		collectionBody(`"collectionSuffix":1,`):                                   "400 INVALID_ATTRIBUTE",
		collectionBody(`"collections":null,`):                                     "400 INVALID_ATTRIBUTE",
		collectionBody(many):                                                      "400 INVALID_ATTRIBUTE",
	} {
		a := c.do(http.MethodPost, collectionJobs, body)
		status, code, _ := strings.Cut(want, " ")
		assert.Equal(t, status, strconv.Itoa(a.status), "%.200s: %s", body, a.body)
		assert.Equal(t, code, a.doc["errorCode"], "%.200s: %s", body, a.body)
	}
	assert.Zero(t, c.server.CreateCount())
}

func TestCreateCollectionJob_oneAtATime(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.startCollections("")
	for _, cluster := range []string{collectionScope.Cluster(), collectionScope.Sharded()} { // the second has the same target
		a := c.do(http.MethodPost, strings.Replace(collectionJobs, collectionScope.Cluster(), cluster, 1), collectionBody(""))
		assert.Equal(t, http.StatusConflict, a.status, cluster)
		assert.Equal(t, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", a.doc["errorCode"], cluster)
	}
	c.server.FinishCollectionJob(id)
	assert.Equal(t, http.StatusCreated, c.do(http.MethodPost, collectionJobs, collectionBody("")).status)
}

func TestCreateCollectionJob_withoutASnapshot(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, id := range rjt.AtlasV2Cluster.Snapshots() {
		c.server.FailSnapshot(id)
	}
	hourAgo := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	a := c.do(http.MethodPost, collectionJobs, collectionBody(`"pointInTimeUtcSeconds":`+hourAgo+`,`))
	assert.Equal(t, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME", a.doc["errorCode"])
}

func TestCreateCollectionJob_stateOfTheTarget(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	c.server.EditCluster(collectionScope, collectionScope.Target(), rjt.SetFields(map[string]any{"paused": true}))
	a := c.do(http.MethodPost, collectionJobs, collectionBody(""))
	assert.Equal(t, "CLUSTER_PAUSED_CANNOT_RESTORE", a.doc["errorCode"])
	c.server.EditCluster(collectionScope, collectionScope.Target(), nil)
	c.server.SetBusy(collectionScope, collectionScope.Target(), true)
	a = c.do(http.MethodPost, collectionJobs, collectionBody(""))
	assert.Equal(t, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", a.doc["errorCode"])
	c.server.SetBusy(collectionScope, collectionScope.Target(), false)
	assert.Equal(t, http.StatusCreated, c.do(http.MethodPost, collectionJobs, collectionBody("")).status)
}
