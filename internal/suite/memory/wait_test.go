package memory_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestMemory_waitOnManyJobs measures what a wait holds beside the jobs that the caller gets.
//
//nolint:paralleltest // measures the whole process
func TestMemory_waitOnManyJobs(t *testing.T) {
	testutil.SkipUnderRace(t)
	const total = 20_000
	const pageSize = 500
	ids := make([]string, total)
	for i := range ids {
		ids[i] = fmt.Sprintf("%024d", i)
	}
	polls := 0
	server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		if number == 1 {
			polls++
		}
		status := "IN_PROGRESS"
		if polls == 3 {
			status = "FINISHED"
		}
		var body strings.Builder
		for _, id := range ids[(number-1)*pageSize : number*pageSize] {
			fmt.Fprintf(&body, `,{"id":%q,"statusName":%q,"delivery":{"methodName":"QUERY"},"links":[{"rel":"self","href":%q}]}`,
				id, status, strings.Repeat("x", 1000))
		}
		testutil.Respond(http.StatusOK, fmt.Sprintf(`{"totalCount":%d,"results":[%s]}`, total, body.String()[1:]),
			"Content-Type", clienttest.JSONType)(w, r)
	})
	client := clienttest.ForServer(t, server)
	var during int64
	updates := 0
	jobs, err := client.OpsManager.Cluster("5ba5e0000000000000000001", "5ba5e0000000000000000002").Jobs.Wait(t.Context(), ids, restorejobs.WaitOptions{
		MinInterval: -1,
		OnUpdate: func(restorejobs.WaitUpdate) error {
			if updates++; updates == 2*total { // of the last poll
				during = heap()
			}
			return nil
		},
	})
	require.NoError(t, err)
	after := heap()
	perJob := (during - after) / total
	t.Logf("%d bytes a job", perJob)
	assert.Less(t, perJob, int64(1<<10))
	assert.Len(t, jobs, total)
	runtime.KeepAlive(ids)
}
