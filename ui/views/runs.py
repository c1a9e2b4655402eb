import streamlit as st


def show() -> None:
    st.title("Runs")
    st.write("This page is being written.")
