package main

import (
	"bytes"
	"context"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"example.com/restorejobs/restorejobstest"
	"example.com/restorejobs/temporal/cmd/internal/program"
	"example.com/restorejobs/temporal/cmd/internal/workers"
	"example.com/restorejobs/temporal/devserver"
)

// processVariable makes the test binary the program itself.
const processVariable = "RESTORE_FLEET_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(processVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The marked secrets, which no history may have.
const (
	publicKey    = "markedpublic"
	privateKey   = "marked-private-key"
	clientID     = "mdb_sa_id_marked"
	clientSecret = "mdb_sa_sk_marked"
	tokenPrefix  = "mdbtoken."
)

// deployment is a Temporal server, a test server and a client of each.
type deployment struct {
	temporal *devserver.Server
	client   client.Client
	mongo    *restorejobstest.Server
	dir      string
}

func newDeployment(t *testing.T, opts ...restorejobstest.Option) *deployment {
	t.Helper()
	d := &deployment{dir: t.TempDir()}
	began := time.Now()
	var err error
	d.temporal, err = devserver.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.temporal.Stop()) })
	t.Logf("the Temporal server started in %s", time.Since(began).Round(time.Millisecond))
	d.client, err = program.Dial(t.Context(), client.Options{HostPort: d.temporal.Address(), Namespace: d.temporal.Namespace()})
	require.NoError(t, err)
	t.Cleanup(d.client.Close)
	opts = append([]restorejobstest.Option{
		restorejobstest.WithAPIKey(publicKey, privateKey),
		restorejobstest.WithServiceAccount(clientID, clientSecret),
	}, opts...)
	d.mongo = restorejobstest.NewServer(opts...)
	t.Cleanup(d.mongo.Close)
	return d
}

// startWorker starts a worker process, with an API key or a service account.
func (d *deployment) startWorker(t *testing.T, identity string, withAccount bool) *workers.Worker {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	credentials := []string{"MONGODB_ATLAS_PUBLIC_API_KEY=" + publicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + privateKey}
	if withAccount {
		credentials = []string{"MONGODB_ATLAS_CLIENT_ID=" + clientID, "MONGODB_ATLAS_CLIENT_SECRET=" + clientSecret}
	}
	command := workers.Command{
		Path: executable,
		Args: []string{
			"-address", d.temporal.Address(),
			"-namespace", d.temporal.Namespace(),
			"-dir", d.dir,
			"-poll", "50ms",
		},
		Env:    append(credentials, processVariable+"=1", "MONGODB_ATLAS_BASE_URL="+d.mongo.URL(), "PATH="+os.Getenv("PATH")),
		Output: t.Output(),
	}
	worker, err := command.Start(context.WithoutCancel(t.Context()), identity)
	require.NoError(t, err)
	return worker
}

// linkSecrets returns what makes the download links of the test server secret.
func (d *deployment) linkSecrets() []string {
	var secrets []string
	for _, req := range d.mongo.Requests() {
		if req.Download {
			secrets = append(secrets, path.Base(path.Dir(req.Path))+"/"+path.Base(req.Path))
		}
	}
	return secrets
}

// history returns the history of the latest run of a workflow.
func (d *deployment) history(t *testing.T, workflowID string) *historypb.History {
	t.Helper()
	iterator := d.client.GetWorkflowHistory(t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	history := &historypb.History{}
	for iterator.HasNext() {
		event, err := iterator.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

// found returns the texts that a history has in any of its bytes.
func found(t *testing.T, history *historypb.History, texts []string) []string {
	t.Helper()
	data, err := proto.Marshal(history)
	require.NoError(t, err)
	var all []string
	for _, text := range texts {
		if bytes.Contains(data, []byte(text)) {
			all = append(all, text)
		}
	}
	return all
}

// checkSearch requires that the search finds what a history has: the last text, and each text once it is
// planted in a payload or in an error.
func checkSearch(t *testing.T, history *historypb.History, texts []string) {
	t.Helper()
	last := texts[len(texts)-1]
	assert.Equal(t, []string{last}, found(t, history, texts), "what the history has")
	for _, text := range texts {
		payload, err := converter.GetDefaultDataConverter().ToPayloads(map[string]string{"text": "before " + text + " after"})
		require.NoError(t, err)
		for place, planted := range map[string]*historypb.HistoryEvent{
			"a payload": {Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
				ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{Result: payload},
			}},
			"an error": {Attributes: &historypb.HistoryEvent_ActivityTaskFailedEventAttributes{
				ActivityTaskFailedEventAttributes: &historypb.ActivityTaskFailedEventAttributes{
					Failure: &failurepb.Failure{Message: "before " + text + " after"},
				},
			}},
		} {
			events := append(slices.Clone(history.GetEvents()), planted)
			assert.Contains(t, found(t, &historypb.History{Events: events}, texts), text, place)
		}
	}
}
