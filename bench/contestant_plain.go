package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/icholy/digest"
)

const (
	classicPath = "/api/public/v1.0/groups/" + projectID + "/clusters/" + clusterID + "/restoreJobs"
	cloudPath   = "/api/atlas/v2/groups/" + projectID + "/clusters/" + clusterName + "/backup/restoreJobs"
)

// plain is a careful program with the standard library, and with icholy/digest, which reuses
// nonces. It has typed fields, uses contexts, and reads bodies to their ends to keep connections.
type plain[T plainJob] struct {
	http *http.Client
	url  string
}

type plainJob interface{ id() string }

type plainLink struct {
	Rel  string `json:"rel"`
	Href string `json:"href"`
}

type plainClassic struct {
	ID                string    `json:"id"`
	BatchID           string    `json:"batchId"`
	GroupID           string    `json:"groupId"`
	ClusterID         string    `json:"clusterId"`
	SnapshotID        string    `json:"snapshotId"`
	StatusName        string    `json:"statusName"`
	Created           time.Time `json:"created"`
	PointInTime       bool      `json:"pointInTime"`
	EncryptionEnabled bool      `json:"encryptionEnabled"`
	Timestamp         struct {
		Date      time.Time `json:"date"`
		Increment int64     `json:"increment"`
	} `json:"timestamp"`
	Delivery struct {
		MethodName      string    `json:"methodName"`
		StatusName      string    `json:"statusName"`
		URL             string    `json:"url"`
		Expires         time.Time `json:"expires"`
		ExpirationHours int       `json:"expirationHours"`
		MaxDownloads    int       `json:"maxDownloads"`
	} `json:"delivery"`
	Hashes []struct {
		TypeName string `json:"typeName"`
		FileName string `json:"fileName"`
		Hash     string `json:"hash"`
	} `json:"hashes"`
	Links []plainLink `json:"links"`
}

func (j plainClassic) id() string { return j.ID }

type plainCloud struct {
	ID                string    `json:"id"`
	SnapshotID        string    `json:"snapshotId"`
	DeliveryType      string    `json:"deliveryType"`
	DeliveryURL       []string  `json:"deliveryUrl"`
	TargetClusterName string    `json:"targetClusterName"`
	TargetGroupID     string    `json:"targetGroupId"`
	TargetItem        string    `json:"targetDeploymentItemName"`
	Cancelled         bool      `json:"cancelled"`
	Expired           bool      `json:"expired"`
	Failed            bool      `json:"failed"`
	FinishedAt        time.Time `json:"finishedAt"`
	ExpiresAt         time.Time `json:"expiresAt"`
	Components        []struct {
		ReplicaSetName string `json:"replicaSetName"`
		DownloadURL    string `json:"downloadUrl"`
	} `json:"components"`
	Timestamp time.Time   `json:"timestamp"`
	Links     []plainLink `json:"links"`
}

func (j plainCloud) id() string { return j.ID }

type plainPage[T plainJob] struct {
	Results    []T         `json:"results"`
	Links      []plainLink `json:"links"`
	TotalCount int         `json:"totalCount"`
}

func openPlain(g generation, base string, transport http.RoundTripper) (client, error) {
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = 64
		transport = own
	}
	signed := &http.Client{Transport: &digest.Transport{
		Username:  user,
		Password:  password,
		Transport: transport,
	}}
	if g == atlasV2 {
		return plain[plainCloud]{signed, base + cloudPath}, nil
	}
	return plain[plainClassic]{signed, base + classicPath}, nil
}

// read requests a URL and decodes the response into out.
func (c plain[T]) read(ctx context.Context, url string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, resp.Body)
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body) // so that the connection can be reused
	return err
}

func (c plain[T]) get(ctx context.Context, id string) (deliveredJob, error) {
	job := new(T)
	err := c.read(ctx, c.url+"/"+id, job)
	return deliveredJob{id: (*job).id(), job: job}, err
}

func (c plain[T]) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	var page plainPage[T]
	err = c.read(ctx, c.url+"?pageNum="+strconv.Itoa(number)+"&itemsPerPage="+strconv.Itoa(size), &page)
	if err != nil {
		return false, err
	}
	for i := range page.Results {
		each(deliveredJob{id: page.Results[i].id(), job: &page.Results[i]})
	}
	for _, link := range page.Links {
		more = more || link.Rel == "next"
	}
	return more, nil
}
