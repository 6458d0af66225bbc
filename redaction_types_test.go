package restorejobs

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secretText is the secret in credentials, tokens, links and responses.
const secretText = "Zanzibar42"

const secretLink = "https://files.example.com/pull/" + secretText + "/rs0-1536602400-job.tar.gz"

// findLeak gives the form in which a text shows a secret, "" where it shows none.
func findLeak(text string) string {
	low := strings.ToLower(text)
	forms := []string{
		strings.ToLower(secretText), hex.EncodeToString([]byte(secretText)),
		strings.Trim(fmt.Sprintf("%d", []byte(secretText)), "[]"), // of its bytes
	}
	for shift, before := range []int{0, 2, 3} { // how much of it other bytes decide
		encoded := base64.RawStdEncoding.EncodeToString([]byte("xx"[:shift] + secretText))
		forms = append(forms, strings.ToLower(encoded[before:len(encoded)-1]))
	}
	for _, form := range forms {
		if strings.Contains(low, form) {
			return form
		}
	}
	return ""
}

func TestFindLeak_everyEncoding(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		secretText, strings.ToUpper(secretText), fmt.Sprintf("%x", secretText), fmt.Sprintf("%X", "ab"+secretText), fmt.Sprintf("%d", []byte("a"+secretText)),
		base64.StdEncoding.EncodeToString([]byte(secretText + ":x")), base64.StdEncoding.EncodeToString([]byte("u:" + secretText + "?!")),
		base64.URLEncoding.EncodeToString([]byte("user:" + secretText + "!!")), fmt.Sprintf("%q", secretText),
	} {
		assert.NotEmpty(t, findLeak(text), text)
	}
	assert.Empty(t, findLeak("[redacted] restore job 1 finished"))
}

// jobsWithSecrets are a job of each generation with a secret wherever one belongs.
func jobsWithSecrets(t *testing.T) []Job {
	t.Helper()
	var jobs []Job
	for _, body := range []string{
		`{"id":"job","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"` + secretLink + `",
			"urlV2":"` + secretLink + `","authHeader":"Authorization","authBearer":"Bearer","authValue":"` + secretText + `"},"secret":"` + secretText + `"}`,
		`{"id":"job","snapshotId":"s","deliveryType":"download","deliveryUrl":["` + secretLink + `"],"components":[{"downloadUrl":"` + secretLink + `",
			"privateDownloadDeliveryUrls":[{"deliveryUrl":"` + secretLink + `"}]}],"privateDownloadDeliveryUrls":[{"deliveryUrl":"` + secretLink + `"}]}`,
		`{"id":"job","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"` + secretLink + `"}`,
	} {
		var job Job
		require.NoError(t, json.Unmarshal([]byte(body), &job))
		byHand := job
		byHand.raw = ""
		jobs = append(jobs, job, byHand)
	}
	return jobs
}

// shapes are the ways in which a program has a value at hand when it prints.
func shapes[T any](v T) map[string]any {
	type public struct{ Value T }
	type publicPointer struct{ Value *T }
	type private struct{ value T }
	type privatePointer struct{ value *T }
	return map[string]any{
		"value": v, "pointer": &v, "slice": []T{v}, "slice of pointers": []*T{&v}, "array": [1]T{v}, "map": map[string]T{"k": v},
		"map of pointers": map[string]*T{"k": &v}, "public field": public{v}, "pointer to public field": &public{v},
		"public pointer field": publicPointer{&v}, "private field": private{v}, "private pointer field": privatePointer{&v},
		"any": []any{v, &v},
	}
}

// typeCase prints one exported type in every shape and way.
type typeCase func(add func(shape, how, text string))

func printed[T any](values ...T) typeCase {
	return func(add func(shape, how, text string)) {
		for _, v := range values {
			for shape, value := range shapes(v) {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%-8v", "% x"} {
					add(shape, verb, fmt.Sprintf(verb, value))
				}
				add(shape, "Sprint", fmt.Sprint(value)+fmt.Sprintln(value))
				if err, ok := value.(error); ok {
					add(shape, "wrapped", fmt.Errorf("around: %w", errors.Join(err, err)).Error())
				}
				var text, structured bytes.Buffer
				for _, handler := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&structured, nil)} {
					slog.New(handler).With("with", value).WithGroup("group").
						Info("message", slog.Any("value", value), slog.Group("g", "v", value))
				}
				add(shape, "slog text", text.String())
				add(shape, slogJSON, structured.String())
			}
		}
	}
}

const slogJSON = "slog JSON"

// allowed reports where a secret is seen all the same. There are two such places, and the
// documents of Job and Secret name them: fmt asks no methods of what a private field of
// somebody else's struct holds, and the JSON handler of log/slog marshals what holds a
// job, which is how jobs are stored.
func allowed(name, shape, how string) bool {
	switch name {
	case "Delivery", "ClusterComponent", "PrivateDownload", "DownloadLink":
		return strings.HasPrefix(shape, "private ") && how != slogJSON
	case "Secret":
		return shape == "private field" && how != slogJSON
	case "Job", "JobPage", "WaitUpdate":
		if how == slogJSON {
			return !strings.HasPrefix(shape, "private ") && shape != "value" && shape != "pointer"
		}
		return shape == "private field" || name == "Job" && shape == "private pointer field"
	default:
		return false
	}
}

// exportedTypes lists the package's exported types from its own files.
func exportedTypes(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok && named.Name.IsExported() {
					names = append(names, named.Name.Name)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, names, "Job")
	return names
}

// typeCases has a case for every exported type.
func typeCases(t *testing.T) map[string]typeCase {
	t.Helper()
	jobs := jobsWithSecrets(t)
	var failures []*Error
	var exchanges []Attempt
	for _, e := range runFailingCalls(t).exchanges {
		var apiErr *Error
		if !errors.As(e.Err, &apiErr) {
			exchanges = append(exchanges, e)
		} else if !slices.ContainsFunc(failures, func(f *Error) bool { return f.Error() == apiErr.Error() }) {
			failures, exchanges = append(failures, apiErr), append(exchanges, e)
		}
	}
	require.NotEmpty(t, failures)
	secret := Secret(secretLink)
	part := PrivateDownload{DeliveryURL: secret, EndpointID: "e"}
	client, err := NewClient(APIKey("public"+secretText, "private"+secretText), WithBaseURL("https://api.example.com"))
	require.NoError(t, err)
	service, err := NewClient(ServiceAccount("id"+secretText, "secret"+secretText), WithTransport(&http.Transport{}))
	require.NoError(t, err)
	var pages []JobPage
	var downloads []DownloadLink
	for i := range jobs {
		pages = append(pages, JobPage{Jobs: []*Job{&jobs[i]}, PageNum: 1, TotalCount: 1})
		downloads = append(downloads, jobs[i].DownloadLinks()...)
	}
	require.NotEmpty(t, downloads)
	return map[string]typeCase{
		"Job":              printed(jobs...),
		"JobPage":          printed(pages...),
		"Delivery":         printed(jobs[0].Delivery),
		"ClusterComponent": printed(ClusterComponent{DownloadURL: secret, PrivateDownloadDeliveryURLs: []PrivateDownload{part}}),
		"PrivateDownload":  printed(part),
		"DownloadLink":     printed(downloads...),
		"Secret":           printed(secret),
		"Credentials": printed(APIKey(secretText, secretText), ServiceAccount(secretText, secretText), Credentials{},
			BearerToken(func(context.Context) (string, error) { return secretText, nil })),
		"Client":         printed(*client, *service),
		"Source":         printed(*client.CloudManager.Host("p", "h"), *service.AtlasV2.Flex("p", "c")),
		"Capability":     printed(CapabilityCancel),
		"Jobs":           printed(*client.CloudManager.Host("p", "h").Jobs, *service.AtlasV2.Flex("p", "c").Jobs),
		"Snapshots":      printed(*client.CloudManager.Host("p", "h").Snapshots, *service.AtlasV2.Flex("p", "c").Snapshots),
		"ManagerService": printed(client.CloudManager, service.OpsManager),
		"MMSService":     printed(client.MMS, service.MMS),
		"AtlasV1Service": printed(client.AtlasV1, service.AtlasV1),
		"AtlasV2Service": printed(client.AtlasV2, service.AtlasV2),
		"Option":         printed(WithBaseURL("https://user:"+secretText+"@host"), WithPrettyJSON()),
		"Error":          printed(failures...),
		"Attempt":        printed(exchanges[:min(len(exchanges), 20)]...),
		"OutcomeUnknownError": printed(&OutcomeUnknownError{
			Point: FromSnapshot("s"), Destination: ToCluster("p", "c"), finder: client.AtlasV2.Cluster("p", "c").Jobs, err: failures[0],
		}),
		"WaitUpdate":       printed(WaitUpdate{ID: "job", Job: &jobs[0], State: StateFinished, Err: failures[0], Target: &TargetStatus{Processes: processesWithSecrets(t)}}, WaitUpdate{Job: &jobs[2]}),
		"WaitError":        printed(&WaitError{Failed: []*Job{&jobs[0], &jobs[1]}, PendingJobs: []*Job{&jobs[0], nil}, Err: failures[0], lastPollErr: failures[0], failures: []waitFailure{{"job", StateFailed, ErrJobFailed}, {"job", StateFinished, failures[0]}}}),
		"TargetStatus":     printed(TargetStatus{ClusterID: "c", GoalVersion: 2, Remaining: 1, Processes: processesWithSecrets(t)}),
		"AutomationStatus": printed(AutomationStatus{GoalVersion: 2, Processes: processesWithSecrets(t)}), "AutomationProcess": printed(processesWithSecrets(t)...),
		"ErrorCode": printed(ErrorCode("RESTORE_JOB_NOT_FOUND")),

		// What has no place for a secret: a case all the same, so that none is added unnoticed.
		"FileHash": printed(FileHash{Hash: "0", Links: []Link{{}}}), "Link": printed(Link{"self", "https://h/groups"}),
		"Timestamp": printed(Timestamp{time.Now(), 1}), "TimeRange": printed(TimeRange{SnapshotID: "s"}),
		"CollectionJobs":     printed(*service.AtlasV2.Cluster("p", "c").CollectionJobs),
		"CollectionJobError": printed(&CollectionJobError{Job: &CollectionJob{ID: "j", ErrorMessage: "m"}, Collections: []*RestoredCollection{{SourceNamespace: "d.c"}}}),
		"CollectionJob":      printed(CollectionJob{ID: "j", IndexStatus: CollectionJobIndexStatus{FailedCollectionCount: 1}}),
		"RestoredCollection": printed(RestoredCollection{SourceNamespace: "d.c"}),
		"CollectionRestore":  printed(CollectionRestore{Point: FromSnapshot("s"), Target: ToCluster("p", "c"), Databases: []RestoreNamespace{{"a", "b"}}}),
		"RestoreNamespace":   printed(RestoreNamespace{"a", "b"}), "CollectionJobIndexStatus": printed(CollectionJobIndexStatus{IndexStateFailed, 1}),
		"CollectionIndexStatus": printed(CollectionIndexStatus{State: IndexStateFailed, FailedIndexes: []json.RawMessage{json.RawMessage("{}")}}),
		"CollectionJobStatus":   printed(CollectionJobStatusFailed), "CollectionStatus": printed(CollectionStatusFailed), "IndexState": printed(IndexStateFailed),
		"WriteStrategy": printed(WriteStrategyCreateNew), "IndexStrategy": printed(IndexStrategyAll),
		"Snapshot": printed(Snapshot{ID: "s", Links: []Link{{}}}), "SnapshotPart": printed(SnapshotPart{ClusterID: "c"}),
		"MissingShard": printed(MissingShard{ID: "s"}), "NamespaceFilterList": printed(NamespaceFilterList{FilterList: []string{"db"}}),
		"SnapshotMember": printed(SnapshotMember{ID: "s"}), "SnapshotOptions": printed(SnapshotOptions{Before: time.Now()}),
		"SnapshotRequest": printed(SnapshotRequest{Description: "d"}), "SnapshotState": printed(SnapshotPending),
		"SnapshotStatus": printed(SnapshotStatusQueued), "SnapshotTopology": printed(SnapshotOfReplicaSet),
		"NoSnapshotError":  printed(&NoSnapshotError{Reason: NoSnapshotCompleted, Newest: &Snapshot{ID: "s"}}),
		"NoSnapshotReason": printed(NoSnapshotAtAll), "UnidentifiedSnapshotError": printed(&UnidentifiedSnapshotError{Err: failures[0]}),
		"SnapshotType": printed(SnapshotTypeFallback), "SnapshotFrequency": printed(SnapshotDaily),
		"FieldViolation": printed(FieldViolation{"f", "d"}), "RateLimit": printed(RateLimit{1, 2, time.Second}),
		"ListOptions": printed(ListOptions{BatchID: "b"}), "RetryPolicy": printed(RetryPolicy{MaxRetries: 1}),
		"RestorePoint": printed(FromSnapshot("s"), FromPointInTime(time.Now())), "Destination": printed(ToCluster("p", "c")),
		"DownloadState": printed(DownloadState{}), "DownloadReader": printed(&DownloadReader{}), "ExistingFiles": printed(ExistingKeep), "WaitGoal": printed(UntilDownloadable), "WaitOptions": printed(WaitOptions{MaxConsecutiveErrors: 1}), "DownloadLinkOptions": printed(DownloadLinkOptions{MaxDownloads: 1}),
		"DownloadOptions": printed(DownloadOptions{Concurrency: 1}), "DownloadProgress": printed(DownloadProgress{Bytes: 1}), "DownloadedFile": printed(DownloadedFile{Path: "p", SHA1: "0"}),
		"Project": printed(Project{ID: "p"}), "Cluster": printed(Cluster{Name: "c"}), "ClusterType": printed(ClusterTypeSharded), "Ternary": printed(TernaryTrue),
		"Candidate": printed(Candidate{ID: "c"}), "LookupError": printed(&LookupError{Kind: LookupCluster, Candidates: []Candidate{{ID: "c"}}, err: failures[0]}),
		"Target": printed[Target](ToCluster("p", "c")), "TargetReason": printed(TargetBusy), "TargetProblem": printed(TargetProblem{Reason: TargetBusy}),
		"TargetError": printed(&TargetError{Source: "s", Problems: []TargetProblem{{Reason: TargetBusy}}}),
		"Variant":     printed(VariantMMS), "State": printed(StateFailed),
		"JobStatus": printed(JobStatusBroken), "DeliveryStatus": printed(DeliveryStatusReady), "DeliveryType": printed(DeliveryTypeDownload),
		"DeliveryMethod": printed(DeliveryMethodHTTP), "FlexStatus": printed(FlexStatusQueued), "HashType": printed(HashTypeSHA1),
	}
}

// processesWithSecrets are processes whose agents report a link that is its own key.
func processesWithSecrets(t *testing.T) []AutomationProcess {
	t.Helper()
	status, err := decodeAutomationStatus([]byte(`{"goalVersion":2,"processes":[{"hostname":"h","errorCode":1,
		"errorCodeHumanReadable":"failed to fetch ` + secretLink + `","errorString":"GET ` + secretLink + `: refused","plan":["Download ` + secretLink + `"]}]}`))
	require.NoError(t, err)
	return status.Processes
}

func TestRedaction_everyExportedType(t *testing.T) {
	t.Parallel()
	cases := typeCases(t)
	assert.ElementsMatch(t, exportedTypes(t), slices.Collect(maps.Keys(cases)),
		"every exported type needs a case above, with a secret wherever it can hold one")
	for name, say := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown, excused := map[string]bool{}, map[string]bool{}
			say(func(shape, how, text string) {
				form := findLeak(text)
				if allowed(name, shape, how) {
					kind := shape + " by fmt"
					if how == slogJSON {
						kind = shape + " by slog's JSON handler"
					}
					excused[kind] = excused[kind] || form != ""
				} else if form != "" && !shown[shape+how] {
					shown[shape+how] = true
					t.Errorf("%s, %s shows a secret as %q: %.300s", shape, how, form, text)
				}
			})
			for kind, shows := range excused {
				assert.True(t, shows, "%s shows no secret any more: it needs no excuse", kind)
			}
		})
	}
}
