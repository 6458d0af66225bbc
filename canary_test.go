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
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// canary marks a secret, wherever one can be.
const canary = "Zanzibar42"

const canaryLink = "https://files.example.com/pull/" + canary + "/rs0-1536602400-job.tar.gz"

// tell gives the form in which a text shows a canary, "" where it shows none.
func tell(text string) string {
	low := strings.ToLower(text)
	forms := []string{
		strings.ToLower(canary), hex.EncodeToString([]byte(canary)),
		strings.ToLower(strings.Trim(fmt.Sprint([]byte(canary)), "[]")), // as %d of its bytes
	}
	for shift, before := range []int{0, 2, 3} { // how much of it other bytes decide
		encoded := base64.RawStdEncoding.EncodeToString([]byte("xx"[:shift] + canary))
		forms = append(forms, strings.ToLower(encoded[before:len(encoded)-1]))
	}
	for _, form := range forms {
		if strings.Contains(low, form) {
			return form
		}
	}
	return ""
}

func TestTellFindsCanaries(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		canary, strings.ToUpper(canary), fmt.Sprintf("%x", canary), fmt.Sprintf("%X", "ab"+canary), fmt.Sprint([]byte("a" + canary)),
		base64.StdEncoding.EncodeToString([]byte(canary + ":x")), base64.StdEncoding.EncodeToString([]byte("u:" + canary + "?!")),
		base64.URLEncoding.EncodeToString([]byte("user:" + canary + "!!")), fmt.Sprintf("%q", canary),
	} {
		assert.NotEmpty(t, tell(text), text)
	}
	assert.Empty(t, tell("[redacted] restore job 1 finished"))
}

// canaryJobs are a job of each generation with a secret wherever one belongs.
func canaryJobs(t *testing.T) []Job {
	t.Helper()
	var jobs []Job
	for _, body := range []string{
		`{"id":"job","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"` + canaryLink + `",
			"urlV2":"` + canaryLink + `","authHeader":"Authorization","authBearer":"Bearer","authValue":"` + canary + `"},"secret":"` + canary + `"}`,
		`{"id":"job","snapshotId":"s","deliveryType":"download","deliveryUrl":["` + canaryLink + `"],"components":[{"downloadUrl":"` + canaryLink + `",
			"privateDownloadDeliveryUrls":[{"deliveryUrl":"` + canaryLink + `"}]}],"privateDownloadDeliveryUrls":[{"deliveryUrl":"` + canaryLink + `"}]}`,
		`{"id":"job","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"` + canaryLink + `"}`,
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

// canaryCase prints one exported type in every shape and way.
type canaryCase func(add func(shape, how, text string))

func printed[T any](values ...T) canaryCase {
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

// allowed tells where a secret is seen all the same. There are two such places, and the
// documents of Job and Secret name them: fmt asks no methods of what a private field of
// somebody else's struct holds, and the JSON handler of log/slog marshals what holds a
// job, which is how jobs are stored.
func allowed(name, shape, how string) bool {
	switch name {
	case "Delivery", "Component", "PrivateDownload", "Download":
		return strings.HasPrefix(shape, "private ") && how != slogJSON
	case "Secret", "Credentials", "Error", "Exchange": // the last two hold what the server said
		return shape == "private field" && how != slogJSON
	case "Job", "Page", "Update":
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

// canaryCases has a case for every exported type.
func canaryCases(t *testing.T) map[string]canaryCase {
	t.Helper()
	jobs := canaryJobs(t)
	var failures []*Error
	var exchanges []Exchange
	for _, e := range runCanaryCalls(t).exchanges {
		var api *Error
		if !errors.As(e.Err, &api) {
			exchanges = append(exchanges, e)
		} else if !slices.ContainsFunc(failures, func(f *Error) bool { return f.Error() == api.Error() }) {
			failures, exchanges = append(failures, api), append(exchanges, e)
		}
	}
	require.NotEmpty(t, failures)
	secret := Secret(canaryLink)
	part := PrivateDownload{DeliveryURL: secret, EndpointID: "e"}
	client, err := NewClient(APIKey("public"+canary, "private"+canary), WithBaseURL("https://api.example.com"))
	require.NoError(t, err)
	service, err := NewClient(ServiceAccount("id"+canary, "secret"+canary), WithTransport(client.transport))
	require.NoError(t, err)
	var pages []Page
	var downloads []Download
	for i := range jobs {
		pages = append(pages, Page{Jobs: []*Job{&jobs[i]}, PageNum: 1, TotalCount: 1})
		downloads = append(downloads, jobs[i].Downloads()...)
	}
	require.NotEmpty(t, downloads)
	return map[string]canaryCase{
		"Job":             printed(jobs...),
		"Page":            printed(pages...),
		"Delivery":        printed(jobs[0].Delivery),
		"Component":       printed(Component{DownloadURL: secret, PrivateDownloadDeliveryURLs: []PrivateDownload{part}}),
		"PrivateDownload": printed(part),
		"Download":        printed(downloads...),
		"Secret":          printed(secret),
		"Credentials": printed(APIKey(canary, canary), ServiceAccount(canary, canary), Credentials{},
			BearerToken(func(context.Context) (string, error) { return canary, nil })),
		"Client":        printed(*client, *service),
		"Jobs":          printed(*client.CloudManager.Host("p", "h"), *service.AtlasV2.Flex("p", "c")),
		"ManagerScopes": printed(client.CloudManager, service.OpsManager),
		"MMSScopes":     printed(client.MMS, service.MMS),
		"AtlasV1Scopes": printed(client.AtlasV1, service.AtlasV1),
		"AtlasV2Scopes": printed(client.AtlasV2, service.AtlasV2),
		"Option":        printed(WithBaseURL("https://user:"+canary+"@host"), WithPretty()),
		"Error":         printed(failures...),
		"Exchange":      printed(exchanges[:min(len(exchanges), 20)]...),
		"Update":        printed(Update{ID: "job", Job: &jobs[0], State: StateFinished, Err: failures[0]}, Update{Job: &jobs[2]}),
		"WaitError":     printed(&WaitError{Jobs: []*Job{&jobs[0], &jobs[1]}, Err: failures[0], last: failures[0], causes: []error{ErrJobFailed, ErrJobFailed}}),
		"Code":          printed(Code("RESTORE_JOB_NOT_FOUND")),

		// What has no place for a secret: a case all the same, so that nobody adds one unseen.
		"Hash": printed(Hash{Hash: "0", Links: []Link{{}}}), "Link": printed(Link{"self", "https://h/groups"}),
		"Timestamp": printed(Timestamp{time.Now(), 1}), "TimeRange": printed(TimeRange{SnapshotID: "s"}),
		"FieldViolation": printed(FieldViolation{"f", "d"}), "RateLimit": printed(RateLimit{1, 2, time.Second}),
		"ListOptions": printed(ListOptions{BatchID: "b"}), "RetryPolicy": printed(RetryPolicy{MaxRetries: 1}),
		"RestorePoint": printed(FromSnapshot("s"), FromTime(time.Now())), "Destination": printed(ToCluster("p", "c")),
		"Goal": printed(UntilDownloadable), "WaitOptions": printed(WaitOptions{MaxFailures: 1}), "DownloadLink": printed(DownloadLink{MaxDownloads: 1}),
		"DownloadOptions": printed(DownloadOptions{Parallel: 1}), "Progress": printed(Progress{Bytes: 1}), "File": printed(File{Path: "p", SHA1: "0"}),
		"Variant": printed(VariantMMS), "State": printed(StateFailed),
		"JobStatus": printed(JobStatusBroken), "DeliveryStatus": printed(DeliveryStatusReady), "DeliveryType": printed(DeliveryTypeDownload),
		"DeliveryMethod": printed(DeliveryMethodHTTP), "FlexStatus": printed(FlexStatusQueued), "HashType": printed(HashTypeSHA1),
	}
}

func TestNothingExportedShowsASecret(t *testing.T) {
	t.Parallel()
	cases := canaryCases(t)
	assert.ElementsMatch(t, exportedTypes(t), slices.Collect(maps.Keys(cases)),
		"every exported type needs a case above, with a secret wherever it can hold one")
	for name, print := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown, excused := map[string]bool{}, map[string]bool{}
			print(func(shape, how, text string) {
				form := tell(text)
				if allowed(name, shape, how) {
					kind := shape + ", slog JSON " + fmt.Sprint(how == slogJSON)
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

// canaryRecord is what calls with secrets leave behind.
type canaryRecord struct {
	mu        sync.Mutex
	exchanges []Exchange
	errors    []*Error
	texts     []string // of all errors, as they are
	log       bytes.Buffer
	sent      []string // Authorization headers, which hold what must not be seen
}

func (r *canaryRecord) observe(e Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
}

func (r *canaryRecord) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// failed notes an error in every form.
func (r *canaryRecord) failed(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for ; err != nil; err = errors.Unwrap(err) {
		var api *Error
		if errors.As(err, &api) {
			r.errors = append(r.errors, api)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			r.texts = append(r.texts, fmt.Sprintf(verb, err))
		}
	}
}

// runCanaryCalls makes calls that fail in many ways, with secrets in the credentials, the
// tokens, the headers and the answers.
func runCanaryCalls(t *testing.T) *canaryRecord {
	t.Helper()
	record := &canaryRecord{}
	body := `{"error":500,"errorCode":"see ` + canaryLink + `","reason":"` + canaryLink + `","detail":"get ` + canaryLink + ` with\n` + canaryLink + `",
		"parameters":["` + canaryLink + `"],"badRequestDetail":{"fields":[{"field":"` + canaryLink + `","description":"` + canaryLink + `"}]},"x":"` + canary + `"}`
	answers := map[string]modelTransport{
		"error":       modelAnswer(500, []byte(body), "X-Request-Id", canaryLink, "Set-Cookie", canary, "WWW-Authenticate", canary),
		"envelope":    modelAnswer(200, []byte(`{"status":403,"content":`+body+`}`)),
		"page":        modelAnswer(200, []byte("<html>"+canary), "Content-Type", "text/html"),
		"cut":         modelAnswer(200, []byte(`{"id":"1","delivery":{"url":"`+canaryLink)),
		"odd":         modelAnswer(200, []byte(`{"url":"`+canary+`",`+canary+`}`)),
		"redirect":    modelAnswer(302, []byte(canary), "Location", "https://u:"+canary+"@elsewhere.example.com/"+canary+"?"+canary),
		"compressed":  modelAnswer(200, []byte(canary), "Content-Encoding", "br"),
		"code":        modelAnswer(400, nil, "X-Error-Code", canaryLink),
		"wrong key":   modelAnswer(401, []byte(body), "WWW-Authenticate", `Digest realm="MMS Public API", nonce="`+canary+`", algorithm=MD5, qop="auth"`),
		"wrong nonce": modelAnswer(401, nil, "WWW-Authenticate", `Digest realm="`+canary+`", nonce="`+canary+`", algorithm=`+canary),
	}
	credentials := map[string]Credentials{
		"key":     APIKey("public"+canary, "private"+canary),
		"service": ServiceAccount("id"+canary, "secret"+canary),
		"bearer":  BearerToken(func(context.Context) (string, error) { return "token" + canary, nil }),
	}
	for _, answer := range answers {
		for _, credential := range credentials {
			for _, tokens := range []bool{true, false} {
				client, err := NewClient(credential, WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: 1, MinDelay: -1}),
					WithTransport(modelTransport(func(r *http.Request) *http.Response {
						record.mu.Lock()
						record.sent = append(record.sent, r.Header.Get("Authorization"))
						record.mu.Unlock()
						if r.URL.Path == tokenPath && tokens {
							return modelAnswer(200, []byte(`{"access_token":"`+canary+`","token_type":"Bearer","expires_in":3600}`))(r)
						}
						return answer(r)
					})),
					WithObserver(record.observe), WithLogger(slog.New(slog.NewTextHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))),
					WithLogger(slog.New(slog.NewJSONHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				require.NoError(t, err)
				jobs := client.CloudManager.Cluster("p", "c")
				_, err = jobs.Get(t.Context(), "j")
				record.failed(t, err)
				_, err = jobs.List(t.Context(), ListOptions{})
				record.failed(t, err)
				_, err = jobs.Create(t.Context(), FromSnapshot("s"), ToDownload(DownloadLink{}))
				record.failed(t, err)
				var out struct{ At time.Time }
				record.failed(t, client.Do(t.Context(), http.MethodPost, "/api/x?key="+canary, map[string]string{"key": canary}, &out))
				if err = client.Close(t.Context()); err != nil {
					record.failed(t, err)
				}
			}
		}
	}
	return record
}

func TestCallsShowNoSecret(t *testing.T) {
	t.Parallel()
	record := runCanaryCalls(t)
	require.NotEmpty(t, record.errors)
	require.NotEmpty(t, record.exchanges)
	require.NotZero(t, record.log.Len())
	for _, text := range record.texts {
		assert.Empty(t, tell(text), text)
	}
	for line := range strings.Lines(record.log.String()) {
		assert.Empty(t, tell(line), line)
	}
	for i := range record.errors {
		encoded, err := json.Marshal(record.errors[i])
		require.NoError(t, err)
		assert.Empty(t, tell(string(encoded)), "%s", encoded)
	}
	all := strings.Join(record.texts, "\n") + record.log.String() + fmt.Sprintf("%+v %#v", record.exchanges, record.exchanges)
	digests := 0
	for _, header := range record.sent {
		if _, response, ok := strings.Cut(header, `response="`); ok {
			digests++
			assert.NotContains(t, all, response[:32], "the digest that proves the key")
		}
	}
	assert.NotZero(t, digests)
}

func TestRefusedSettingsShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, opt := range []Option{
		WithBaseURL("https://user:" + canary + "@host"), WithBaseURL("https://host?key=" + canary), WithBaseURL("https://host/#" + canary),
		WithBaseURL("ftp://" + canary), WithBaseURL("https://%zz" + canary), WithBaseURL("https://host/api/" + canary),
		WithRootCAs([]byte(canary)), WithUserAgent("\n" + canary), WithAtlasVersion(canary),
	} {
		_, err := NewClient(APIKey(canary, canary), opt)
		require.ErrorIs(t, err, ErrInvalidArgument)
		assert.Empty(t, tell(fmt.Sprintf("%v %+v %#v %q", err, err, err, err)), err)
	}
	for _, credentials := range []Credentials{APIKey("", canary), APIKey(canary, ""), ServiceAccount(canary, "")} {
		_, err := NewClient(credentials)
		require.ErrorIs(t, err, ErrInvalidArgument)
		assert.Empty(t, tell(fmt.Sprintf("%v %+v %#v %q", err, err, err, err)), err)
	}
}

// TestPanicsShowNoSecret panics in a program of its own and reads what the runtime prints.
func TestPanicsShowNoSecret(t *testing.T) {
	const variable = "RESTOREJOBS_TEST_PANIC"
	values := map[string]func() any{
		"job": func() any { return canaryJobs(t)[0] }, "pointer": func() any { return &canaryJobs(t)[0] },
		"secret": func() any { return Secret(canaryLink) }, "credentials": func() any { return APIKey(canary, canary) },
		"delivery": func() any { return canaryJobs(t)[0].Delivery }, "page": func() any { return Page{Jobs: []*Job{&canaryJobs(t)[0]}} },
		"error":   func() any { return getError(t, modelAnswer(500, []byte(`{"detail":"`+canaryLink+`"}`))) },
		"wrapped": func() any { return fmt.Errorf("%v: %w", canaryJobs(t), io.EOF) },
	}
	if name := os.Getenv(variable); name != "" {
		panic(values[name]())
	}
	t.Parallel()
	for name := range values {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicsShowNoSecret$") //nolint:gosec // this test itself
		command.Env = append(os.Environ(), variable+"="+name)
		output, err := command.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(output), "panic:")
		assert.Empty(t, tell(string(output)), "%s: %s", name, output)
	}
}

// TestStoringAJobIsTheException pins what Job's document says of json.Marshal.
func TestStoringAJobIsTheException(t *testing.T) {
	t.Parallel()
	for _, job := range canaryJobs(t) {
		for _, value := range []any{job, &job, []*Job{&job}, Page{Jobs: []*Job{&job}}} {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Contains(t, string(encoded), canaryLink)
		}
		for _, value := range []any{job.Delivery, job.Components, job.DeliveryURL, job.SnapshotURL, job.Downloads()} {
			if reflect.ValueOf(value).IsZero() {
				continue
			}
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Empty(t, tell(string(encoded)), "a part by itself is redacted: %s", encoded)
		}
	}
}
