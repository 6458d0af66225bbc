//go:build interop

package interop

import (
	"bytes"
	"net/http"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

const (
	project   = "525ec8394f5e625c80c7404a"
	id        = "53bd7f13e4b0a7304e226998"
	unknownID = "000000000000000000000bad"
)

// curl repeats a request of the library, and returns status and body.
func curl(t *testing.T, made *http.Request, sent []byte, agent, password string) (int, []byte) {
	t.Helper()
	args := []string{
		"--silent", "--show-error", "--digest", "--user", env(t, "INTEROP_USER") + ":" + password, "--user-agent", agent,
		"--request", made.Method, "--write-out", "\n%{http_code}", "--max-time", "20",
		"--header", "Accept: " + made.Header.Get("Accept"),
	}
	if len(sent) > 0 {
		args = append(args, "--header", "Content-Type: "+made.Header.Get("Content-Type"), "--data-binary", "@-")
	}
	command := exec.CommandContext(t.Context(), "curl", append(args, made.URL.String())...)
	command.Stdin = bytes.NewReader(sent)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	end := bytes.LastIndexByte(out, '\n')
	status, err := strconv.Atoi(string(out[end+1:]))
	require.NoError(t, err)
	return status, out[:end]
}

// The library and curl get the same responses to the same calls, with the same requests.
func TestClient_agreesWithCurl(t *testing.T) {
	t.Parallel()
	calls := map[string]struct {
		status int
		do     func(t *testing.T, c *restorejobs.Client) error
	}{
		"get": {http.StatusOK, func(t *testing.T, c *restorejobs.Client) error {
			job, err := c.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), id)
			if err == nil {
				assert.Equal(t, restorejobs.StateFinished, job.State())
			}
			return err
		}},
		"list": {http.StatusOK, func(t *testing.T, c *restorejobs.Client) error {
			page, err := c.OpsManager.Cluster(project, "c1").Jobs.List(t.Context(), restorejobs.ListOptions{PageNum: 2, ItemsPerPage: 50})
			if err == nil {
				assert.Len(t, page.Jobs, 2)
			}
			return err
		}},
		"unknown": {http.StatusNotFound, func(t *testing.T, c *restorejobs.Client) error {
			_, err := c.OpsManager.Cluster(project, "c1").Jobs.Get(t.Context(), unknownID)
			assert.ErrorIs(t, err, restorejobs.ErrNotFound)
			return nil
		}},
		"escaped": {http.StatusNotFound, func(t *testing.T, c *restorejobs.Client) error {
			_, err := c.OpsManager.Cluster(project, "c é,1").Jobs.Get(t.Context(), unknownID)
			assert.ErrorIs(t, err, restorejobs.ErrNotFound)
			return nil
		}},
		"create": {http.StatusOK, func(t *testing.T, c *restorejobs.Client) error {
			jobs, err := c.OpsManager.Cluster(project, "c1").Jobs.Create(t.Context(),
				restorejobs.FromSnapshot("53bd439ae4b0774946a16490"), restorejobs.ToDownload())
			if err == nil {
				assert.Len(t, jobs, 1)
			}
			return err
		}},
		"cancel": {http.StatusNoContent, func(t *testing.T, c *restorejobs.Client) error {
			return c.AtlasV1.Cluster(project, "Cluster0").Jobs.Cancel(t.Context(), id)
		}},
	}
	for _, s := range servers(t) {
		for name, call := range calls {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				ours := agentOf(t, "-library")
				theirs := agentOf(t, "-curl")
				password := env(t, "INTEROP_PASSWORD")
				client, record := newClient(t, s, ours, password)
				require.NoError(t, call.do(t, client))
				assert.Equal(t, call.status, record.status)

				status, body := curl(t, record.request, record.sent, theirs, password)
				assert.Equal(t, record.status, status)
				assert.Equal(t, string(record.received), string(body))

				mine := s.log(t, ours, 2)
				its := s.log(t, theirs, 2)
				require.Len(t, mine, 2)
				require.Len(t, its, 2)
				for i := range mine {
					assert.Equal(t, its[i].status, mine[i].status)
					assert.Equal(t, its[i].method, mine[i].method)
					assert.Equal(t, its[i].uri, mine[i].uri)
				}
			})
		}
	}
}
