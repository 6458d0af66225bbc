package restorejobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

const (
	mineID    = "5ba5e000000000000000000a"
	otherID   = "5ba5e000000000000000000b"
	foreignID = "5ba5e0000000000000000fff" // a project
)

// TestGet_otherJob: a response about another job is refused in every form that a job comes in.
func TestGet_otherJob(t *testing.T) {
	t.Parallel()
	for _, form := range []string{`%s`, `{"status":200,"content":%s}`, `{"content":%s,"status":200}`, `{"status":200,"envelope":%s}`} {
		for _, job := range []string{
			`{"id":%q,"statusName":"FINISHED"}`, `{"id":%q,"deliveryType":"download","cancelled":true}`, `{"id":%q,"status":"COMPLETED","deliveryType":"RESTORE"}`,
		} {
			requests := 0
			get := func(requested, received string) (*restorejobs.Job, error) {
				client := newTestClient(t, bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
					restorejobs.WithTransport(inProcess(func(r *http.Request) (*http.Response, error) {
						requests++
						return reply(r, http.StatusOK, jsonType, strings.Replace(form, "%s", fmt.Sprintf(job, received), 1)), nil
					})))
				return client.AtlasV2.Flex(someProject, "c").Get(t.Context(), requested)
			}
			got, err := get(mineID, otherID)
			var api *restorejobs.Error
			require.ErrorAs(t, err, &api, form)
			assert.Nil(t, got)
			assert.Equal(t, http.StatusOK, api.StatusCode)
			require.ErrorContains(t, err, "about another job")
			require.ErrorContains(t, err, mineID)
			require.ErrorContains(t, err, otherID)
			assert.False(t, api.Temporary(), "a question that is put again is about the same job")
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.Equal(t, 1, requests)

			for _, received := range []string{mineID, strings.ToUpper(mineID)} {
				got, err = get(mineID, received)
				require.NoError(t, err, "hexadecimal has no case")
				assert.Equal(t, received, got.ID)
			}
			for requested, received := range map[string]string{"job": "JOB", "j": "{JOB-ID}", mineID: mineID + "0"} {
				_, err = get(requested, received)
				require.ErrorContains(t, err, "about another job", received)
			}
			_, err = get(mineID, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9")
			require.ErrorContains(t, err, "an id of 36 characters")
			assert.NotContains(t, err.Error(), "eyJ", "what is no id may be a secret")
			_, err = get(mineID, "a\u202eb\nc")
			require.ErrorContains(t, err, "about another job")
			assert.NotContains(t, err.Error(), "\u202e")
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

// TestGet_otherProject: a job that names another project as its owner is refused. What has not
// the form of an id is an example in a document.
func TestGet_otherProject(t *testing.T) {
	t.Parallel()
	for body, refused := range map[string]bool{
		`{"id":"` + mineID + `","groupId":"` + foreignID + `"}`:                        true,
		`{"id":"` + mineID + `","projectId":"` + foreignID + `","status":"COMPLETED"}`: true,
		`{"id":"` + mineID + `","groupId":"` + someProject + `"}`:                      false,
		`{"id":"` + mineID + `","groupId":"` + strings.ToUpper(someProject) + `"}`:     false,
		`{"id":"` + mineID + `","groupId":"{PROJECT-ID}"}`:                             false,
		`{"id":"` + mineID + `","groupId":null}`:                                       false,
		`{"id":"` + mineID + `","clusterId":"` + foreignID + `"}`:                      false, // host lists have the host's id there
		`{"id":"` + mineID + `","targetGroupId":"` + foreignID + `"}`:                  false,
	} {
		client := respondingClient(t, http.StatusOK, body)
		_, err := client.OpsManager.Cluster(someProject, someCluster).Get(t.Context(), mineID)
		if !refused {
			require.NoError(t, err, body)
			_, err = client.OpsManager.Cluster("p", "c").Get(t.Context(), mineID)
			require.NoError(t, err, body)
			continue
		}
		var api *restorejobs.Error
		require.ErrorAs(t, err, &api, body)
		require.ErrorContains(t, err, "another project")
		require.ErrorContains(t, err, foreignID)
	}
}

// TestCancel_otherJob: whether a job is cancelled is only said by a response about it.
func TestCancel_otherJob(t *testing.T) {
	t.Parallel()
	cancelled := func(id string) string { return fmt.Sprintf(`{"id":%q,"deliveryType":"download","cancelled":true}`, id) }
	for name, test := range map[string]struct {
		deleted, read string
		ok            bool
	}{
		"lost, then mine is cancelled":    {"", cancelled(mineID), true},
		"lost, then another is cancelled": {"", cancelled(otherID), false},
		"another in an envelope":          {"", `{"status":200,"content":` + cancelled(otherID) + `}`, false},
		"an empty object":                 {"{}", "", true},
		"mine":                            {cancelled(mineID), "", true},
		"mine in an envelope":             {`{"status":200,"content":` + cancelled(mineID) + `}`, "", true},
		"another":                         {cancelled(otherID), "", false},
		"another in the other envelope":   {`{"status":200,"envelope":` + cancelled(otherID) + `}`, "", false},
		"an empty envelope":               {`{"status":200}`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deletes := 0
			client := newTestClient(t, bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
				restorejobs.WithTransport(inProcess(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodGet {
						return reply(r, http.StatusOK, jsonType, test.read), nil
					}
					deletes++
					switch {
					case test.deleted != "":
						return reply(r, http.StatusOK, jsonType, test.deleted), nil
					case deletes == 1:
						return nil, errors.New("connection reset by peer")
					default:
						return reply(r, http.StatusBadRequest, jsonType, `{"error":400,"errorCode":"CANNOT_CANCEL_JOB"}`), nil
					}
				})))
			err := client.AtlasV2.Cluster(someProject, "c").Cancel(t.Context(), mineID)
			if test.ok {
				require.NoError(t, err)
				return
			}
			var api *restorejobs.Error
			require.ErrorAs(t, err, &api)
			if test.deleted != "" {
				require.ErrorContains(t, err, "about another job")
			} else {
				require.ErrorIs(t, err, restorejobs.Code("CANNOT_CANCEL_JOB"), "what the service said of this job")
			}
		})
	}
}

// TestCreate_otherRestore: a response that contradicts the request does not say what became of
// it.
func TestCreate_otherRestore(t *testing.T) {
	t.Parallel()
	const snapshot, other = "5ba5e0000000000000000004", "5ba5e0000000000000000005"
	into := restorejobs.ToCluster(someProject, someCluster)
	manager := func(c *restorejobs.Client) *restorejobs.Jobs { return c.OpsManager.Cluster(someProject, someCluster) }
	cloud := func(c *restorejobs.Client) *restorejobs.Jobs { return c.AtlasV2.Cluster(someProject, "c") }
	legacy := func(c *restorejobs.Client) *restorejobs.Jobs { return c.AtlasV2.LegacyCluster(someProject, "c") }
	flex := func(c *restorejobs.Client) *restorejobs.Jobs { return c.AtlasV2.Flex(someProject, "c") }
	for name, test := range map[string]struct {
		jobs    func(*restorejobs.Client) *restorejobs.Jobs
		to      restorejobs.Destination
		body    string
		refused bool
	}{
		"its snapshot":                {manager, oneDownload, `{"id":"j","snapshotId":"` + snapshot + `"}`, false},
		"no snapshot":                 {manager, oneDownload, `{"id":"j"}`, false},
		"another snapshot":            {manager, oneDownload, `{"id":"j","snapshotId":"` + other + `"}`, true},
		"another snapshot, wrapped":   {manager, oneDownload, `{"status":200,"content":{"results":[{"id":"j","snapshotId":"` + other + `"}]}}`, true},
		"another snapshot, cloud":     {cloud, oneDownload, `{"id":"j","deliveryType":"download","snapshotId":"` + other + `"}`, true},
		"a document's snapshot":       {cloud, oneDownload, `{"id":"j","deliveryType":"download","snapshotId":"{snapshotId}"}`, false},
		"one part's snapshot":         {manager, oneDownload, `{"results":[{"id":"j","batchId":"b","snapshotId":"` + other + `"},{"id":"k","batchId":"b","snapshotId":"` + snapshot + `"}]}`, false},
		"the parts' snapshots":        {manager, oneDownload, `{"results":[{"id":"j","batchId":"b","snapshotId":"` + other + `"}]}`, false},
		"its project":                 {manager, oneDownload, `{"id":"j","groupId":"` + someProject + `"}`, false},
		"another project":             {manager, oneDownload, `{"id":"j","groupId":"` + foreignID + `"}`, true},
		"another project, flex":       {flex, restorejobs.ToCluster("", "t"), `{"id":"j","status":"PENDING","projectId":"` + foreignID + `"}`, true},
		"its target":                  {manager, into, `{"id":"j","delivery":{"methodName":"HTTP","targetClusterId":"` + someCluster + `","targetGroupId":"` + someProject + `"}}`, false},
		"another target":              {manager, into, `{"id":"j","delivery":{"methodName":"HTTP","targetClusterId":"` + other + `"}}`, true},
		"another target project":      {manager, into, `{"id":"j","delivery":{"methodName":"HTTP","targetGroupId":"` + foreignID + `"}}`, true},
		"a target by id, legacy":      {legacy, restorejobs.ToCluster(someProject, "t"), `{"id":"j","delivery":{"targetClusterId":"` + other + `","targetClusterName":"t"}}`, false},
		"another target, legacy":      {legacy, restorejobs.ToCluster(someProject, "t"), `{"id":"j","delivery":{"targetClusterName":"u"}}`, true},
		"its target, cloud":           {cloud, restorejobs.ToCluster(someProject, "t"), `{"id":"j","deliveryType":"automated","targetClusterName":"t","targetDeploymentItemName":"atlas-1"}`, false},
		"another target, cloud":       {cloud, restorejobs.ToCluster(someProject, "t"), `{"id":"j","deliveryType":"automated","targetClusterName":"u"}`, true},
		"a target in another project": {cloud, restorejobs.ToCluster(someProject, "t"), `{"id":"j","deliveryType":"automated","targetGroupId":"` + foreignID + `"}`, true},
		"its target, flex":            {flex, restorejobs.ToCluster("", "t"), `{"id":"j","status":"PENDING","targetDeploymentItemName":"t","targetProjectId":"` + someProject + `"}`, false},
		"another target, flex":        {flex, restorejobs.ToCluster("", "t"), `{"id":"j","status":"PENDING","targetDeploymentItemName":"u"}`, true},
		"another project of a target": {flex, restorejobs.ToCluster("", "t"), `{"id":"j","status":"PENDING","targetProjectId":"` + foreignID + `"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := respondingClient(t, http.StatusOK, test.body)
			created, err := test.jobs(client).Create(t.Context(), restorejobs.FromSnapshot(snapshot), test.to)
			if !test.refused {
				require.NoError(t, err)
				assert.NotEmpty(t, created)
				return
			}
			require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			require.ErrorContains(t, err, "about another restore")
			assert.Empty(t, created)
		})
	}
}

// TestWait_otherProjectsJob: a list that shows a job of another project under the same id ends
// nothing.
func TestWait_otherProjectsJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var gets []string
		client := newTestClient(t, bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
			restorejobs.WithTransport(inProcess(func(r *http.Request) (*http.Response, error) {
				id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
				if id == "restoreJobs" {
					list := `{"results":[{"id":"` + mineID + `","groupId":"` + foreignID + `","statusName":"FINISHED"},{"id":"` + otherID + `","groupId":"` + someProject + `","statusName":"FINISHED"}]}`
					return reply(r, http.StatusOK, jsonType, list), nil
				}
				gets = append(gets, id)
				return reply(r, http.StatusOK, jsonType, `{"id":"`+id+`","groupId":"`+someProject+`","statusName":"BROKEN"}`), nil
			})))
		_, err := client.OpsManager.Cluster(someProject, someCluster).Wait(t.Context(), []string{mineID, otherID}, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		assert.Equal(t, []string{mineID}, gets)
	})
}

// TestFindCreated_otherProject: jobs of another project are not those of this create.
func TestFindCreated_otherProject(t *testing.T) {
	t.Parallel()
	body := `{"results":[{"id":"` + mineID + `","groupId":"` + someProject + `","snapshotId":"s","created":"2026-08-10T12:00:00Z"},` +
		`{"id":"` + otherID + `","groupId":"` + foreignID + `","snapshotId":"s","created":"2026-08-10T12:00:00Z"}]}`
	client := respondingClient(t, http.StatusOK, body)
	found, err := client.OpsManager.Cluster(someProject, someCluster).FindCreated(t.Context(),
		time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC), restorejobs.FromSnapshot("s"), oneDownload)
	require.NoError(t, err)
	assert.Equal(t, [][]string{{mineID}}, idsOf(found))
}
