package restorejobs_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// waitInProcess waits up to an hour, on a clock that stands still, for jobs with these
// documents.
func waitInProcess(t *testing.T, scope restorejobstest.Scope, opts restorejobs.WaitOptions, after func(*restorejobstest.Server, []string), documents ...string) ([]*restorejobs.Job, error) {
	t.Helper()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	defer server.Close()
	var ids []string
	for _, document := range documents {
		ids = append(ids, server.AddJob(scope, document))
	}
	if after != nil {
		after(server, ids)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	return jobsOf(t, server, scope).Wait(ctx, ids, opts)
}

// TestWait_downloadWithoutLink: a download is not done while its link is missing,
// whatever its status says, and whatever stands where the link should be.
func TestWait_downloadWithoutLink(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope restorejobstest.Scope
		job   string
		done  bool
	}{
		"flex without":                     {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"DOWNLOAD"}`, false},
		"flex with":                        {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"https://h/a.tgz"}`, true},
		"flex restore":                     {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"RESTORE"}`, true},
		"flex without, in small letters":   {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"completed","deliveryType":"download","snapshotUrl":null}`, false},
		"classic without":                  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY"}}`, false},
		"classic with":                     {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"https://h/a.tgz"}}`, true},
		"classic, a null":                  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":null,"urlV2":null}}`, false},
		"classic, without a status":        {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP"}}`, false},
		"classic, by a client":             {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"CLIENT_PIT_HTTP","url":""}}`, false},
		"classic, with, without a status":  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","urlV2":"https://h/a.tgz"}}`, true},
		"cloud, private":                   {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[null,{"endpointId":"vpce-1","deliveryUrl":"https://p/a.tgz"}]`), true},
		"cloud, private, a null":           {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[null]`), false},
		"cloud, private without link":      {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[{"endpointId":"vpce-1","deliveryUrl":null}]`), false},
		"components, private":              {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"privateDownloadDeliveryUrls":[null,{"deliveryUrl":"https://p/a.tgz"}]}]`), true},
		"components, private, a null":      {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"downloadUrl":null,"privateDownloadDeliveryUrls":[null]}]`), false},
		"components, private without link": {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"privateDownloadDeliveryUrls":[{"endpointId":"vpce-1","deliveryUrl":null}]}]`), false},
	} {
		for goal, until := range map[string]restorejobs.WaitGoal{"finished": restorejobs.UntilFinished, "downloadable": restorejobs.UntilDownloadable} {
			t.Run(name+" until "+goal, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					_, err := waitInProcess(t, c.scope, restorejobs.WaitOptions{Goal: until}, nil, c.job)
					switch {
					case name == "flex restore" && goal == "downloadable":
						require.ErrorIs(t, err, errors.ErrUnsupported)
					case c.done:
						require.NoError(t, err)
					default:
						require.ErrorIs(t, err, context.DeadlineExceeded)
					}
				})
			})
		}
	}
}

// cloudDownload is a download of an Atlas cluster without a public link.
func cloudDownload(members string) string {
	return `{"id":"6a793f812c88faeba59bcaaa","deliveryType":"download","deliveryUrl":[],` + members + `}`
}

// TestWait_responseOfAnotherJob: an answer about another job ends nothing well.
func TestWait_responseOfAnotherJob(t *testing.T) {
	t.Parallel()
	f := newFake(t, answerWith(200, "application/json", `{"id":"other","statusName":"FINISHED"}`))
	_, err := f.client(t).OpsManager.Cluster("p", "c").Jobs.Wait(shortContext(t), []string{"mine"}, restorejobs.WaitOptions{})
	require.ErrorContains(t, err, "another job")
}

// TestWait_jobWithoutFile: the good ones are still waited for, and the one that
// will never have a file is named.
func TestWait_jobWithoutFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ready := restorejobstest.SetFields(map[string]any{"statusName": "FINISHED", "delivery": map[string]any{"methodName": "HTTP", "statusName": "READY", "url": "https://h/a.tgz"}})
		jobs, err := waitInProcess(t, restorejobstest.OpsManagerCluster, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable},
			func(server *restorejobstest.Server, ids []string) {
				server.SetJob(ids[1], func(map[string]any) {}, func(map[string]any) {}, ready)
			},
			`{"id":"5ba5e000000000000000aaaa","statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP","targetClusterId":"5ba5e0000000000000000002"}}`,
			`{"id":"5ba5e000000000000000aaab","statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP"}}`)
		require.ErrorContains(t, err, "5ba5e000000000000000aaaa")
		require.Len(t, jobs, 2)
		assert.Equal(t, restorejobs.StateFinished, jobs[1].State(), "the other was waited for")
	})
}
