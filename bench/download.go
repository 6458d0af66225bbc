package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"example.com/restorejobs"
)

// A download is compared with the usual ways, and with SHA-1 alone, which is the lower limit. Each
// way ends with a complete file and its SHA-1.
const (
	sha1Alone = "SHA-1 alone"
	onePass   = "io.Copy to file and hash"
	curlFirst = "curl, then sha1sum"
)

// way is one way to download an archive.
type way struct {
	name    string
	atLeast float64 // aim: its time is at least this multiple of ours; 0 for none
	fetch   func(a *archive, ctx context.Context) error
}

var ways = []way{
	{name: oursName, fetch: (*archive).byOurs},
	{
		name:    sha1Alone,
		atLeast: 0.8,
		fetch:   (*archive).hashAlone,
	},
	{
		name:    onePass,
		atLeast: 1.5,
		fetch:   (*archive).byOnePass,
	},
	{
		name:    curlFirst,
		atLeast: 2.8,
		fetch:   (*archive).byCurl,
	},
}

// archive is a file and a server for it on loopback. It is sent by the kernel, so that the server
// costs little.
type archive struct {
	size        int64
	folder      string // for downloads
	piece       []byte // repeated in the file
	source, sum string
	wrap        func(http.Handler) http.Handler // of the links, may be nil
	base        string
	http        *http.Server
}

func newArchive(size int64) (*archive, error) { return newWrappedArchive(size, nil) }

// newWrappedArchive makes an archive whose files are served through wrap, unless that is nil.
func newWrappedArchive(size int64, wrap func(http.Handler) http.Handler) (_ *archive, err error) {
	a := &archive{size: size, wrap: wrap, piece: make([]byte, 1<<20)}
	for i := range a.piece {
		a.piece[i] = byte(i * i >> 7)
	}
	if a.folder, err = os.MkdirTemp("", "bench"); err != nil {
		return nil, err
	}
	a.source = filepath.Join(a.folder, "source")
	if err := errors.Join(a.write(), a.start()); err != nil {
		return nil, errors.Join(err, a.remove())
	}
	return a, nil
}

func (a *archive) write() error {
	file, err := os.Create(a.source)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // Sync reports errors
	hash := sha1.New()
	for range a.size / int64(len(a.piece)) {
		if _, err := io.MultiWriter(file, hash).Write(a.piece); err != nil {
			return err
		}
	}
	a.sum = hex.EncodeToString(hash.Sum(nil))
	return file.Sync()
}

func (a *archive) start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.base = "http://" + listener.Addr().String()
	routes := http.NewServeMux()
	routes.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":%q,"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":%q},`+
			`"hashes":[{"typeName":"SHA1","fileName":"archive.tar.gz","hash":%q}]}`, jobID(0), a.url(), a.sum)
	})
	var file http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		w.Header().Set("ETag", `"1"`)
		http.ServeFile(w, r, a.source)
	})
	if a.wrap != nil {
		file = a.wrap(file)
	}
	routes.Handle("/key/", file)
	a.http = &http.Server{Handler: routes, ReadHeaderTimeout: time.Minute}
	go a.http.Serve(listener) //nolint:errcheck // ends with remove
	return nil
}

func (a *archive) remove() error {
	if a.http != nil {
		_ = a.http.Close()
	}
	return os.RemoveAll(a.folder)
}

func (a *archive) url() string     { return a.base + "/key/archive.tar.gz" }
func (a *archive) fetched() string { return filepath.Join(a.folder, "archive.tar.gz") }

// checked verifies that a way downloaded the whole file and calculated its SHA-1.
func (a *archive) checked(sum string) error {
	info, err := os.Stat(a.fetched())
	if err != nil {
		return err
	}
	if info.Size() != a.size || sum != a.sum {
		return fmt.Errorf("%d bytes with SHA-1 %s", info.Size(), sum)
	}
	return nil
}

func (a *archive) byOurs(ctx context.Context) error { return a.byConnections(ctx, 0) }

func (a *archive) byConnections(ctx context.Context, connections int) error {
	client, err := restorejobs.NewClient(restorejobs.APIKey(user, password), restorejobs.WithBaseURL(a.base))
	if err != nil {
		return err
	}
	files, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Download(ctx, []string{jobID(0)}, a.folder, restorejobs.DownloadOptions{Connections: connections})
	if err != nil {
		return err
	}
	if len(files) != 1 || !files[0].Verified {
		return fmt.Errorf("not verified: %v", files)
	}
	return a.checked(files[0].SHA1)
}

func (a *archive) hashAlone(context.Context) error {
	hash := sha1.New()
	for range a.size / int64(len(a.piece)) {
		_, _ = hash.Write(a.piece) // never fails
	}
	if hex.EncodeToString(hash.Sum(nil)) != a.sum {
		return errors.New("wrong SHA-1")
	}
	return nil
}

func (a *archive) byOnePass(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url(), nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	hash := sha1.New()
	_, err = io.Copy(io.MultiWriter(file, hash), resp.Body)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return a.checked(hex.EncodeToString(hash.Sum(nil)))
}

func (a *archive) byCurl(ctx context.Context) error {
	curl := exec.CommandContext(ctx, "curl", "--silent", "--fail", "--output", a.fetched(), a.url())
	if err := curl.Run(); err != nil {
		return fmt.Errorf("curl: %w", err)
	}
	out, err := exec.CommandContext(ctx, "sha1sum", a.fetched()).Output()
	if err != nil {
		return fmt.Errorf("sha1sum: %w", err)
	}
	sum, _, _ := bytes.Cut(out, []byte(" "))
	return a.checked(string(sum))
}

// missing returns a program that the way needs and that is not installed, or "".
func (w *way) missing() string {
	var programs []string
	switch w.name {
	case curlFirst:
		programs = []string{"curl", "sha1sum"}
	case ariaSum:
		programs = []string{"aria2c", "sha1sum"}
	}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return program
		}
	}
	return ""
}

// download measures the ways in turn, repeatedly.
func (s scale) download(ctx context.Context) (by map[string]samples, err error) {
	a, err := newArchive(s.archive)
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, a.remove()) }()
	by = map[string]samples{}
	for round := range s.heavyRepeat {
		for i := range ways {
			w := ways[(i+round)%len(ways)]
			if w.missing() != "" {
				continue
			}
			start := time.Now()
			if err := w.fetch(a, ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			by[w.name] = append(by[w.name], time.Since(start).Seconds())
			if err := os.Remove(a.fetched()); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		}
	}
	return by, nil
}

func (s scale) downloadTitle() string {
	return fmt.Sprintf("download of %s MiB with SHA-1", thousands(int(s.archive>>20)))
}

// downloadRows returns the rows of the table of downloads.
func (s scale) downloadRows(by map[string]samples) [][]string {
	var rows [][]string
	for i := range ways {
		w := &ways[i]
		took := by[w.name]
		if missing := w.missing(); missing != "" {
			rows = append(rows, []string{w.name, missing + " is not installed", "", "", "", ""})
			continue
		}
		speed := strconv.Itoa(int(float64(s.archive)/took.median()/1e6)) + " MB/s"
		if w.name == oursName {
			rows = append(rows, []string{w.name, seconds.text(took.median()), speed, "", "", ""})
			continue
		}
		ratio := took.over(by[oursName])
		row := []string{w.name, seconds.text(took.median()), speed, ratioText(ratio), "", ""}
		if w.atLeast > 0 {
			row[4] = fmt.Sprintf("≥ %g×", w.atLeast)
			row[5] = met(ratio.median() >= w.atLeast)
		}
		rows = append(rows, row)
	}
	return rows
}
